package model_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/bench/internal/canned"
	"github.com/dynarepo/dynarepo/bench/internal/model"
)

// TestModels: what is written by hand does what attributevalue does.
func TestModels(t *testing.T) {
	t.Parallel()
	t.Run("mixed", check(model.MixedModel(), 10, 533))
	t.Run("narrow", check(model.NarrowModel(), 3, 80))
	t.Run("wide", check(model.WideModel(), 100, 2710))
	t.Run("nested", check(model.NestedModel(), 4, 1800))
	t.Run("large", check(model.LargeModel(), 6, 7080))
}

func check[T any](m *model.Model[T], attrs, size int) func(*testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		total := 0
		for i, item := range m.Items(m.PageSize) {
			want, err := attributevalue.MarshalMap(&item)
			require.NoError(t, err)
			require.Len(t, want, attrs)
			require.Equal(t, want, m.Encode(&item))
			var got T
			require.NoError(t, m.Decode(want, &got))
			require.Equal(t, item, got)
			delete(want, model.Score)
			require.ErrorIs(t, m.Decode(want, new(T)), model.ErrAttr)
			text, err := json.Marshal(canned.Plain(m.Encode(&item)))
			require.NoError(t, err)
			total += len(text)
			require.Equal(t, model.KeyAt(i), keyOf(t, want))
		}
		assert.InDelta(t, size, total/m.PageSize, float64(size)/100, "bytes of JSON an item")
	}
}

func keyOf(t *testing.T, attrs model.Attrs) model.Key {
	t.Helper()
	var stored struct {
		PK string `dynamodbav:"pk"`
		SK string `dynamodbav:"sk"`
	}
	require.NoError(t, attributevalue.UnmarshalMap(attrs, &stored))
	return model.Key(stored)
}
