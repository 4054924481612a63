package migrations

import (
	"context"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/examples/tasks/cities"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
)

func init() {
	All.Add(migrate.Migration{
		ID:   "20261108080000",
		Name: "find_by_name",
		Up: func(ctx context.Context, c *migrate.Context) error {
			table, err := repo.New[cities.City](c.DB(), cities.Spec())
			if err != nil {
				return err
			}
			if _, err := migrate.Backfill(ctx, c, table, fillSearch, nil); err != nil {
				return err
			}
			return c.CreateIndex(ctx, table, "search_idx")
		},
		Down: func(ctx context.Context, c *migrate.Context) error {
			table, err := repo.New[cities.City](c.DB(), cities.Spec())
			if err != nil {
				return err
			}
			if err := c.DropIndex(ctx, table, "search_idx"); err != nil {
				return err
			}
			_, err = migrate.Backfill(ctx, c, table, clearSearch, nil)
			return err
		},
	})
}

func fillSearch(_ context.Context, city cities.City) ([]cond.Change[cities.City], error) {
	if city.Search != "" {
		return nil, nil
	}
	return []cond.Change[cities.City]{cities.Search.Set(cities.SearchName(city.Name))}, nil
}

func clearSearch(_ context.Context, city cities.City) ([]cond.Change[cities.City], error) {
	if city.Search == "" {
		return nil, nil
	}
	return []cond.Change[cities.City]{cities.Search.Remove()}, nil
}
