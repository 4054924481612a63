package migrations

import (
	"context"

	"github.com/dynarepo/dynarepo/examples/tasks/cities"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
)

func init() {
	All.Add(migrate.Migration{
		ID:   "20261101080000",
		Name: "create_cities",
		Up: func(ctx context.Context, c *migrate.Context) error {
			spec := cities.Spec() // as it was then
			spec.Indexes, spec.TTL, spec.Throughput = nil, repo.TTL{}, index.Throughput{Read: 10, Write: 10}
			table, err := repo.New[cities.City](c.DB(), spec)
			if err != nil {
				return err
			}
			return c.CreateTable(ctx, table)
		},
	})
}
