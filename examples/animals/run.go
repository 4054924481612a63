package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
	"github.com/dynarepo/dynarepo/table"
)

// A shelter is the table of all animals, and views of it.
type shelter struct {
	out     io.Writer
	animals *repo.Repo[Animal]
	cats    *repo.Repo[Cat]
	dogs    *repo.Repo[Dog]
}

// run creates the table, fills it, reads it in several ways, and removes it.
func run(ctx context.Context, out io.Writer, db *repo.DB) (err error) {
	s := shelter{out: out}
	if s.animals, err = repo.New[Animal](db, spec); err != nil {
		return err
	}
	if s.cats, err = sti.View[Cat](s.animals); err != nil {
		return err
	}
	if s.dogs, err = sti.View[Dog](s.animals); err != nil {
		return err
	}
	if _, err := table.Create(ctx, s.animals, nil); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{s.arrive, s.each, s.views, s.plans, s.siblings, s.leave} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	_, err = table.Delete(ctx, s.animals, nil)
	return err
}

func (s *shelter) printf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

// arrive stores every animal in one transaction.
func (s *shelter) arrive(ctx context.Context) error {
	all := residents()
	ops := make([]repo.Op, len(all))
	for i := range all {
		ops[i] = s.animals.Ops().Create(&all[i])
	}
	s.printf("%d animals arrive\n", len(all))
	return s.animals.DB().Transact(ctx, ops...)
}

// each reads all of them, each as its own type.
func (s *shelter) each(ctx context.Context) error {
	s.printf("\nIn the north shelter, by one query:\n")
	for a, err := range s.animals.Query(key.Of("north")).All(ctx) {
		if err != nil {
			return err
		}
		switch a := a.(type) {
		case *Cat:
			s.printf("  %-30s %d lives left\n", a.Describe(), a.Lives)
		case *Puppy:
			s.printf("  %-30s still a %s\n", a.Describe(), a.Kind)
		case *Dog:
			s.printf("  %-30s a grown %s\n", a.Describe(), a.Kind)
		}
	}
	return nil
}

// views reads some kinds.
func (s *shelter) views(ctx context.Context) error {
	cats, err := s.cats.Query(key.Of("north")).Where(lives.Gt(7)).Collect(ctx)
	if err != nil {
		return err
	}
	s.printf("\nCats of more than 7 lives:\n")
	for i := range cats {
		s.printf("  %s\n", cats[i].Describe())
	}
	dogs, err := s.dogs.Query(key.Of("north")).Collect(ctx)
	if err != nil {
		return err
	}
	s.printf("\nDogs, puppies among them:\n")
	for i := range dogs {
		s.printf("  %s\n", dogs[i].Describe())
	}
	return nil
}

// plans shows what a view asks.
func (s *shelter) plans(context.Context) error {
	all, err := s.cats.Where().Plan()
	if err != nil {
		return err
	}
	some, err := s.dogs.Query(key.Of("north")).Where(breed.Eq("pug")).Plan()
	if err != nil {
		return err
	}
	s.printf("\nAll cats:\n%s\n\nPugs in the north:\n%s\n", all, some)
	return nil
}

// siblings shows that to the view of cats no dog is there.
func (s *shelter) siblings(ctx context.Context) error {
	rex := key.Of("north").Range("Rex")
	if _, err := s.cats.Get(ctx, rex); !errors.Is(err, repo.ErrNotFound) {
		return fmt.Errorf("a cat named Rex: %w", err)
	}
	if _, err := s.cats.Update(ctx, rex, lives.Set(1)); !errors.Is(err, repo.ErrNotFound) {
		return fmt.Errorf("lives for Rex: %w", err)
	}
	bello, err := s.dogs.Get(ctx, key.Of("north").Range("Bello"))
	if err != nil {
		return err
	}
	if err := s.dogs.Save(ctx, &bello); !errors.Is(err, repo.ErrKind) {
		return fmt.Errorf("a puppy as a dog: %w", err)
	}
	s.printf("\nThere is no cat named Rex, and Bello was not stored as a grown dog.\n")
	return nil
}

// leave deletes what the view of cats sees.
func (s *shelter) leave(ctx context.Context) error {
	gone, err := s.cats.Query(key.Of("north")).DeleteAll(ctx)
	if err != nil {
		return err
	}
	left, err := s.animals.Query(key.Of("north")).Count(ctx)
	s.printf("%d cats leave, %d animals stay.\n", gone, left)
	return err
}
