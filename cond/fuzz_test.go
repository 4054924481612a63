package cond_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/dynarepo/dynarepo/internal/door"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
)

var placeholder = regexp.MustCompile(`[#:]\d+`)

// FuzzName: a path resolves or carries an error; what resolves becomes an
// expression that is balanced, uses every placeholder it declares and no other,
// and names the attribute it was given.
func FuzzName(f *testing.F) {
	for _, path := range []string{
		"name", "home.street", "lines[0].sku", "a.b", "_x: y", "z[0]", "m[0][1].x[2]", "", ".", "a..b", "a[", "a]", "a[0]]", "[0]", "a[99999999999]",
		"größe", "\xff", "$n", "#0.:0", "a\x00b", "a.(b)", "any.x[1].y", "extra.k", "notes[3]",
	} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		a := cond.Name[person](path)
		if a.Err() != nil {
			require.ErrorIs(t, a.Err(), cond.ErrAttr)
			require.Empty(t, a.Path())
			require.ErrorIs(t, cond.Not(a.Exists()).Err(), cond.ErrAttr)
			return
		}
		again := cond.Name[person](a.Path())
		require.NoError(t, again.Err())
		assert.Equal(t, a.Path(), again.Path())
		assert.True(t, strings.HasPrefix(path, a.At(door.Key{}).Attribute()))

		c := cond.Or(a.Exists(), cond.Not(a.Null()), a.Size().Between(1, 2))
		require.NoError(t, c.Err())
		assert.Equal(t, []string{a.At(door.Key{}).Attribute()}, c.Node().Attributes())
		b, err := c.Node().Compile()
		require.NoError(t, err)
		e, err := expression.NewBuilder().WithCondition(b).Build()
		require.NoError(t, err)
		wellFormed(t, *e.Condition(), e)
		attrs, err := expr.AttributesOf(b)
		require.NoError(t, err)
		assert.Equal(t, []string{a.At(door.Key{}).Attribute()}, attrs)

		update, err := expr.Compile([]*expr.Edit{a.Remove().Edit()})
		require.NoError(t, err)
		e, err = expression.NewBuilder().WithUpdate(update).Build()
		require.NoError(t, err)
		wellFormed(t, *e.Update(), e)
	})
}

func wellFormed(t *testing.T, text string, e expression.Expression) {
	t.Helper()
	depth := 0
	for _, r := range text {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		}
		require.GreaterOrEqual(t, depth, 0, text)
	}
	require.Zero(t, depth, text)
	used := map[string]bool{}
	for _, p := range placeholder.FindAllString(text, -1) {
		used[p] = true
		if p[0] == '#' {
			require.Contains(t, e.Names(), p)
		} else {
			require.Contains(t, e.Values(), p)
		}
	}
	require.Len(t, used, len(e.Names())+len(e.Values()), text)
	for _, name := range e.Names() {
		require.NotEmpty(t, name)
	}
}
