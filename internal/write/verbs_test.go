package write

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dynarepo/dynarepo/internal/life"
)

// TestEveryVerb: a verb that is added has a name, a builder, and says which
// options it honours.
func TestEveryVerb(t *testing.T) {
	t.Parallel()
	for v := life.Verb(1); int(v) < life.Verbs; v++ {
		assert.False(t, strings.HasPrefix(v.String(), "Verb("), v)
		assert.NotEmpty(t, v.String(), "verb %d has no row", uint8(v))
		assert.NotNil(t, builders[v], "%v has no builder", v)
	}
	assert.Equal(t, "Verb(99)", life.Verb(99).String())
}

// TestHonoured: what is refused names the verb and the option.
func TestHonoured(t *testing.T) {
	t.Parallel()
	all := told{overwrite: true, unchecked: true, returns: true}
	for v := life.Verb(1); int(v) < life.Verbs; v++ {
		err := all.honoured(v)
		if assert.Error(t, err, "no verb honours all options: %v", v) {
			assert.Contains(t, err.Error(), v.String()+" has no use for ")
		}
		assert.NoError(t, options[v].honoured(v), v)
		assert.NoError(t, told{}.honoured(v), v)
	}
}
