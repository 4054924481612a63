package clients_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/aws/aws-dax-go-v2/dax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/examples/clients"
	"github.com/dynarepo/dynarepo/repo"
)

// The client of DAX is a client of a repository as it is.
var _ repo.Client = (*dax.Dax)(nil)

// TestOpenDAX: requests go to DAX, which is not there, and nowhere else.
func TestOpenDAX(t *testing.T) {
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	db, err := clients.OpenDAX(t.Context(), "dax://127.0.0.1:1")
	require.NoError(t, err)
	defer func() { assert.NoError(t, db.Client().(io.Closer).Close()) }()
	assert.Contains(t, db.Path(), "the client is not the SDK's own")
	r, err := repo.New[City](db, citySpec)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err = r.Get(ctx, bern)
	require.Error(t, err)
	t.Log(err)
}
