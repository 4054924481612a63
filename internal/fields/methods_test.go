package fields_test

import (
	"math/big"
	"net/netip"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dynarepo/dynarepo/internal/fields"
)

// looped embeds itself, and has a text.
type looped struct {
	*looped //nolint:unused // it is there for what reads the type

	N int
}

func (looped) MarshalText() ([]byte, error) { return nil, nil }

func (*looped) UnmarshalText([]byte) error { return nil }

type whole struct{ N int }

func (whole) MarshalText() ([]byte, error) { return nil, nil }

type hidden struct {
	whole

	n int
}

// Text is asked where fields would lose the value, whatever they hold.
func TestMethodsOf(t *testing.T) {
	t.Parallel()
	for typ, want := range map[reflect.Type]fields.Methods{
		reflect.TypeFor[looped]():          0,
		reflect.TypeFor[whole]():           0,
		reflect.TypeFor[hidden]():          fields.Text,
		reflect.TypeFor[netip.Addr]():      fields.Text,
		reflect.TypeFor[big.Int]():         fields.Text,
		reflect.TypeFor[[]whole]():         0,
		reflect.TypeFor[struct{ n int }](): 0,
	} {
		stored, _ := fields.MethodsOf(typ, fields.Tag{})
		assert.Equal(t, want, stored, typ)
	}
}

var _ = hidden{n: 1}.n
