package migrate_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
)

func Example() {
	ctx := context.Background()
	e, err := engine.Start(ctx) // a program names its own endpoint, or none for AWS
	if err != nil {
		log.Fatal(err)
	}
	db, err := repo.Open(ctx, &repo.Config{Namespace: "example", Endpoint: e.Endpoint()})
	if err != nil {
		log.Fatal(err)
	}

	type User struct {
		ID     string `dynamodbav:"id"`
		Name   string `dynamodbav:"name"`
		Search string `dynamodbav:"search,omitempty"`
	}
	search := cond.Field(func(u *User) *string { return &u.Search })
	spec := repo.Spec{Table: "users", Key: key.Spec{Hash: key.String("id")}, OnDemand: true}
	all := migrate.NewSet(migrate.Migration{
		ID: "20261101080000", Name: "create_users",
		Up: func(ctx context.Context, c *migrate.Context) error {
			users, err := repo.New[User](c.DB(), spec)
			if err != nil {
				return err
			}
			if err := c.CreateTable(ctx, users); err != nil {
				return err
			}
			return users.Put(ctx, &User{ID: "1", Name: "Ada"})
		},
	}, migrate.Migration{
		ID: "20261108080000", Name: "find_by_name",
		Up: func(ctx context.Context, c *migrate.Context) error {
			spec := spec
			spec.Indexes = []index.Spec{index.Global("search_idx", key.String("search"))}
			users, err := repo.New[User](c.DB(), spec)
			if err != nil {
				return err
			}
			_, err = migrate.Backfill(ctx, c, users, func(_ context.Context, u User) ([]cond.Change[User], error) {
				if u.Search != "" {
					return nil, nil
				}
				return []cond.Change[User]{search.Set(strings.ToLower(u.Name))}, nil
			}, nil)
			if err != nil {
				return err
			}
			return c.CreateIndex(ctx, users, "search_idx")
		},
	})

	m, err := migrate.New(db, all, nil)
	if err != nil {
		log.Fatal(err)
	}
	done, err := m.Up(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range done {
		fmt.Println(d.ID, d.Name)
	}
	done, err = m.Up(ctx)
	fmt.Println(len(done), err)
	if err := e.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 20261101080000 create_users
	// 20261108080000 find_by_name
	// 0 <nil>
}
