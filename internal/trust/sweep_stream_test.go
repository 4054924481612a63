package trust_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/stream"
	"github.com/dynarepo/dynarepo/table"
	"github.com/dynarepo/dynarepo/unique"
)

func init() {
	operations["stream.Stream.Changes"] = operation{tables: true, begin: func(w *world) func(context.Context) error {
		ctx := context.Background()
		calm := w.shelves(w.calm, false)
		_, err := table.Create(ctx, calm, quick)
		require.NoError(w.tb, err)
		_, err = table.SetStream(ctx, calm, types.StreamViewTypeNewAndOldImages, quick)
		require.NoError(w.tb, err)
		for _, id := range []string{"a", "b", "c"} {
			require.NoError(w.tb, calm.Put(ctx, &shelf{ID: id, Kind: "secret"}))
		}
		s, err := stream.New(w.shelves(w.db, false), nil)
		require.NoError(w.tb, err)
		var got []string // each once, whatever failed on the way
		return func(ctx context.Context) error {
			for c, err := range s.Changes(ctx) {
				if err != nil {
					return err
				}
				got = append(got, c.New.ID)
			}
			return right(len(got) == 3, nil)
		}
	}}
	const event = `{"Records":[{"eventName":"INSERT","dynamodb":{"SequenceNumber":"1","Keys":{"id":{"S":"a"}},"NewImage":{"id":{"S":"a"},"kind":{"S":"k"}}}}]}`
	operations["stream.Handle"] = reading(1, func(ctx context.Context, w *world) error {
		failed, err := stream.Handle(ctx, w.shelves(w.db, false), []byte(event), func(ctx context.Context, _ stream.Change[shelf]) error {
			_, err := w.stocks.Get(ctx, stockKey(0))
			return err
		})
		if err == nil && len(failed.BatchItemFailures) > 0 {
			return errTold
		}
		return err
	})
	operations["unique.Check"] = operation{parts: true, begin: func(w *world) func(context.Context) error {
		ctx := context.Background()
		w.stored(5)
		kept, err := repo.New[stock](w.db, stockSpec(true))
		require.NoError(w.tb, err)
		calm, err := repo.New[stock](w.calm, stockSpec(true))
		require.NoError(w.tb, err)
		require.NoError(w.tb, calm.Create(ctx, &stock{Shop: "s", ID: "kept", Code: "secret kept"}))
		return func(ctx context.Context) error {
			for _, err := range unique.Check(ctx, kept, unique.Options{Repair: true, BatchSize: 3}) {
				if err != nil {
					return err
				}
			}
			return nil
		}
	}}
}
