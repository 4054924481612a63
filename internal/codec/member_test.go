package codec_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dynarepo/dynarepo/internal/codec"
)

func TestAppendString(t *testing.T) {
	t.Parallel()
	got := codec.AppendString([]byte(`{"a":{"N":"1"}}`), `n"`, "x\ny")
	assert.JSONEq(t, `{"a":{"N":"1"},"n\"":{"S":"x\ny"}}`, string(got))
}
