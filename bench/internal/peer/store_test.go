package peer_test

import (
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/bench/internal/canned"
	"github.com/dynarepo/dynarepo/bench/internal/model"
	"github.com/dynarepo/dynarepo/bench/internal/peer"
)

// TestPages: every way reads all pages of a partition and of a table.
func TestPages(t *testing.T) {
	t.Parallel()
	m := model.MixedModel()
	items := m.Items(4)
	attrs := make([]model.Attrs, len(items))
	for i := range items {
		attrs[i] = m.Encode(&items[i])
	}
	client := canned.NewTransport(canned.Pages(attrs, 3), 0).Client()
	ours, err := peer.NewDynarepo(client, m)
	require.NoError(t, err)
	standard, err := peer.NewStandard(client, m)
	require.NoError(t, err)
	for name, store := range map[string]peer.Store[model.Mixed]{
		peer.Dynarepo:       ours,
		peer.Standard:       standard,
		peer.AttributeValue: peer.NewAttributeValue[model.Mixed](client),
		peer.Hand:           peer.NewHand(client, m),
		peer.Guregu:         peer.NewGuregu[model.Mixed](client),
	} {
		readsAll(t, name, store, slices.Repeat(items, 3))
	}
	readsAll(t, peer.SDK, peer.NewSDK(client), slices.Repeat(attrs, 3))
}

func readsAll[R any](t *testing.T, name string, store peer.Store[R], want []R) {
	t.Helper()
	pk := model.KeyAt(0).PK
	got, err := store.Query(t.Context(), pk)
	require.NoError(t, err, name)
	assert.Equal(t, want, got, name)
	got, err = store.Scan(t.Context())
	require.NoError(t, err, name)
	assert.Equal(t, want, got, name)
	assert.Equal(t, want, collect(t, store.All(t.Context(), pk)), name)
	for _, err := range store.All(t.Context(), pk) {
		require.NoError(t, err, name)
		break // which ends it
	}
}

func collect[R any](t *testing.T, seq iter.Seq2[R, error]) (all []R) {
	t.Helper()
	for item, err := range seq {
		require.NoError(t, err)
		all = append(all, item)
	}
	return all
}
