package migrations

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/examples/tasks/cities"
	"github.com/dynarepo/dynarepo/migrate"
	"github.com/dynarepo/dynarepo/repo"
)

func init() {
	All.Add(migrate.Migration{
		ID:   "20261115080000",
		Name: "busier_cities",
		Up: func(ctx context.Context, c *migrate.Context) error {
			spec := cities.Spec()
			table, err := repo.New[cities.City](c.DB(), spec)
			if err != nil {
				return err
			}
			if err := c.SetThroughput(ctx, table, "", spec.Throughput); err != nil {
				return err
			}
			if err := c.SetStream(ctx, table, types.StreamViewTypeNewAndOldImages); err != nil {
				return err
			}
			return c.SetTTL(ctx, table, spec.TTL.Attr)
		},
		Down: func(ctx context.Context, c *migrate.Context) error {
			table, err := repo.New[cities.City](c.DB(), cities.Spec())
			if err != nil {
				return err
			}
			return c.SetTTL(ctx, table, "")
		},
	})
}
