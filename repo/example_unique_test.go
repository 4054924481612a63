package repo_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
	"github.com/dynarepo/dynarepo/unique"
)

// A table has users already when their mail addresses become unique.
func Example_uniqueCheck() {
	ctx := context.Background()
	e, err := engine.Start(ctx) // a program names its own endpoint, or none for AWS
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := errors.Join(checkUsers(ctx, e.Endpoint()), e.Close()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// missing [email] repaired: true
	// missing [email] repaired: true
	// duplicate [email] repaired: false
	// ann@example.com is taken: true
}

func checkUsers(ctx context.Context, endpoint string) error {
	type User struct {
		ID    string `dynamodbav:"id"`
		Email string `dynamodbav:"email"`
	}
	email := cond.Field(func(u *User) *string { return &u.Email })
	spec := repo.Spec{Table: "users", Key: key.Spec{Hash: key.String("id")}, OnDemand: true}
	db, err := repo.Open(ctx, &repo.Config{Namespace: "app", Endpoint: endpoint, Concurrency: 1})
	if err != nil {
		return err
	}
	old, err := repo.New[User](db, spec)
	if err != nil {
		return err
	}
	if _, err := table.Create(ctx, old, nil); err != nil {
		return err
	}
	for _, u := range []User{{"1", "ann@example.com"}, {"2", "bob@example.com"}, {"3", "bob@example.com"}} {
		if err := old.Create(ctx, &u); err != nil {
			return err
		}
	}

	spec.Unique = []repo.Unique{repo.UniqueOn(email)}
	users, err := repo.New[User](db, spec)
	if err != nil {
		return err
	}
	for page, err := range unique.Check(ctx, users, unique.Options{Repair: true}) {
		if err != nil {
			return err
		}
		for _, f := range page.Items {
			fmt.Println(f.Kind, f.Attrs, "repaired:", f.Repaired)
		}
	}
	err = users.Create(ctx, &User{ID: "4", Email: "ann@example.com"})
	fmt.Println("ann@example.com is taken:", errors.Is(err, repo.ErrUnique))
	return nil
}
