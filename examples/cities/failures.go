package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A Guide is what editors write about a country; its version keeps one from
// writing over what another has just saved.
type Guide struct {
	Country string `dynamodbav:"country"`
	Text    string `dynamodbav:"text"`
	Version int64  `dynamodbav:"version"`
}

var guideSpec = repo.Spec{
	Table:    "guides",
	Key:      key.Spec{Hash: key.String("country")},
	Lock:     lock.Version("version"),
	OnDemand: true,
}

// An Editor writes guides; no two have one mail address.
type Editor struct {
	Name string `dynamodbav:"name"`
	Mail string `dynamodbav:"mail"`
}

var editorSpec = repo.Spec{
	Table:    "editors",
	Key:      key.Spec{Hash: key.String("name")},
	Unique:   []repo.Unique{repo.UniqueOn(cond.Field(func(e *Editor) *string { return &e.Mail }))},
	OnDemand: true,
}

// A failure is an error beside what errors.Is must find in it.
type failure struct {
	what     string
	err      error
	sentinel error
	name     string
}

// failures does what can't be done: what a caller gets is told by errors.Is,
// and its text holds no data.
func (d *demo) failures(ctx context.Context) error {
	guides, err := repo.New[Guide](d.repo.DB(), guideSpec)
	if err != nil {
		return err
	}
	created, err := table.Create(ctx, guides, nil)
	if err != nil {
		return err
	}
	city := d.file[0]
	_, absent := d.repo.Get(ctx, key.Of("AQ", "").Range(0, 0))
	stale, cancelled, err := d.editors(ctx, guides)
	if err != nil {
		return err
	}
	taken, err := d.taken(ctx)
	if err != nil {
		return err
	}
	d.title("Errors")
	if err := d.failed([]failure{
		{"a city created twice", d.repo.Create(ctx, &city), repo.ErrExists, "repo.ErrExists"},
		{"a city that is not there", absent, repo.ErrNotFound, "repo.ErrNotFound"},
		{"a guide saved over another's", stale, lock.ErrStale, "lock.ErrStale"},
		{"a transaction of three", cancelled, lock.ErrStale, "lock.ErrStale"},
		{"a mail address that is taken", taken, repo.ErrUnique, "repo.ErrUnique"},
	}); err != nil {
		return err
	}
	if err := d.reasons(cancelled); err != nil || !created {
		return err
	}
	_, err = table.Delete(ctx, guides, nil)
	return err
}

// editors lets two editors load one guide and both save it, and the slower one
// try again together with a city that is there already. It returns what the
// slower one gets.
func (d *demo) editors(ctx context.Context, guides *repo.Repo[Guide]) (stale, cancelled, err error) {
	city, other := d.file[0], d.file[1]
	first := Guide{Country: city.Country, Text: "mountains"}
	if err := guides.Put(ctx, &first); err != nil {
		return nil, nil, err
	}
	second := first
	first.Text = "mountains and shops"
	if err := guides.Save(ctx, &first); err != nil {
		return nil, nil, err
	}
	second.Text = "skiing"
	stale = guides.Save(ctx, &second)
	cancelled = guides.DB().Transact(ctx,
		d.repo.Ops().Check(key.Of(other.Country, other.Division).Range(other.Population, other.ID)),
		guides.Ops().Save(&second),
		d.repo.Ops().Create(&city),
	)
	stored, err := guides.Get(ctx, key.Of(city.Country))
	if err == nil && stored != first {
		err = errors.New("the guide is not as the first editor saved it")
	}
	return stale, cancelled, err
}

// taken returns what an editor gets who gives the mail address of another.
func (d *demo) taken(ctx context.Context) (clash, err error) {
	editors, err := repo.New[Editor](d.repo.DB(), editorSpec)
	if err != nil {
		return nil, err
	}
	created, err := table.Create(ctx, editors, nil)
	if err != nil {
		return nil, err
	}
	if err := editors.Put(ctx, &Editor{Name: "Ann", Mail: "ann@example.org"}); err != nil {
		return nil, err
	}
	clash = editors.Create(ctx, &Editor{Name: "Anne", Mail: "ann@example.org"})
	if n, err := editors.Scan().Count(ctx); err != nil || n != 1 {
		return nil, errors.Join(errors.New("want one editor"), err)
	}
	if created {
		_, err = table.Delete(ctx, editors, nil)
	}
	return clash, err
}

// failed prints failures, and returns an error if one is not what it must be.
func (d *demo) failed(all []failure) error {
	var rows [][]string
	for _, f := range all {
		if !errors.Is(f.err, f.sentinel) {
			return fmt.Errorf("%s: want %s, got: %w", f.what, f.name, f.err)
		}
		rows = append(rows, []string{f.what, f.name, f.err.Error()})
	}
	d.table([]string{"", "ERRORS.IS", "TEXT"}, rows)
	return nil
}

// reasons prints which operations of a transaction failed, and why each.
func (d *demo) reasons(cancelled error) error {
	failed, ok := errors.AsType[*repo.TransactError](cancelled)
	if !ok || len(failed.Failed) != 2 {
		return fmt.Errorf("want a transaction of which two operations failed, got: %w", cancelled)
	}
	d.title("Why the transaction failed, of which nothing was written")
	var rows [][]string
	for _, f := range failed.Failed {
		var name string
		switch {
		case errors.Is(f.Err, lock.ErrStale):
			name = "lock.ErrStale"
		case errors.Is(f.Err, repo.ErrExists):
			name = "repo.ErrExists"
		default:
			return fmt.Errorf("operation %d: %w", f.Position, f.Err)
		}
		rows = append(rows, []string{strconv.Itoa(f.Position), f.Op, f.Table, f.Code, name})
	}
	d.table([]string{"OPERATION", "", "TABLE", "REASON", "ERRORS.IS"}, rows)
	return nil
}
