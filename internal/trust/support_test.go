package trust_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// words returns a repository of words on the engine, by one of the ways.
func words(tb testing.TB, way string, opts ...func(*dynamodb.Options)) *repo.Repo[word] {
	tb.Helper()
	client := enginetest.Client(tb, append(opts, by(way))...)
	db, err := repo.NewDB(client, &repo.Config{Namespace: enginetest.Namespace(tb), StandardCodec: way == "standard"})
	require.NoError(tb, err)
	r, err := repo.New[word](db, wordSpec())
	require.NoError(tb, err)
	_, err = table.Create(tb.Context(), r, nil)
	require.NoError(tb, err)
	return r
}
