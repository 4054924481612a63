package repo_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-playground/validator/v10"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// A validator of github.com/go-playground/validator is plugged in as it is: the
// tags that it reads are its own (rule I3). What it refuses is not sent.
func ExampleValidator() {
	type User struct {
		ID    string `dynamodbav:"id" validate:"required"`
		Email string `dynamodbav:"email" validate:"required,email"`
		Age   int    `dynamodbav:"age" validate:"gte=0,lte=150"`
	}
	db, err := repo.NewDB(&recorder{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	users, err := repo.New[User](db, repo.Spec{
		Table:     "users",
		Key:       key.Spec{Hash: key.String("id")},
		Validator: validator.New(validator.WithRequiredStructEnabled()),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = users.Create(context.Background(), &User{ID: "1", Email: "nobody", Age: 200})
	fmt.Println(errors.Is(err, repo.ErrInvalid))
	if faults, ok := errors.AsType[validator.ValidationErrors](err); ok {
		for _, f := range faults {
			fmt.Println(f.Field(), f.Tag())
		}
	}
	fmt.Println(users.Create(context.Background(), &User{ID: "1", Email: "a@example.com", Age: 20}))
	// Output:
	// true
	// Email email
	// Age lte
	// <nil>
}
