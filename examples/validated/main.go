// Command validated checks items with the tags of go-playground/validator: what
// they refuse is not sent.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-playground/validator/v10"

	"github.com/dynarepo/dynarepo/examples/internal/program"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A Member is checked by the tags of the validator.
type Member struct {
	ID    string `dynamodbav:"id" validate:"required"`
	Email string `dynamodbav:"email" validate:"required,email"`
	Age   int    `dynamodbav:"age" validate:"gte=0,lte=150"`
}

var config = repo.Config{Namespace: "demo"}

func main() { program.Main("validated", config, run) }

// newMembers takes the validator as it is.
func newMembers(db *repo.DB) (*repo.Repo[Member], error) {
	return repo.New[Member](db, repo.Spec{
		Table:     "members",
		Key:       key.Spec{Hash: key.String("id")},
		OnDemand:  true,
		Validator: validator.New(validator.WithRequiredStructEnabled()),
	})
}

func run(ctx context.Context, out io.Writer, db *repo.DB) error {
	members, err := newMembers(db)
	if err != nil {
		return err
	}
	if _, err := table.Create(ctx, members, nil); err != nil {
		return err
	}
	err = members.Create(ctx, &Member{ID: "1", Email: "nobody", Age: 200})
	faults, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok || !errors.Is(err, repo.ErrInvalid) {
		return fmt.Errorf("want faults, not %w", err)
	}
	for _, f := range faults {
		fmt.Fprintf(out, "refused: %s breaks %s\n", f.Field(), f.Tag())
	}
	ada := Member{ID: "1", Email: "ada@example.com", Age: 36}
	if err := members.Create(ctx, &ada); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "stored: %s\n", ada.Email)
	return err
}
