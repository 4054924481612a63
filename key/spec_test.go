package key_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/key"
)

const (
	badDelimiter = "a delimiter is made of printable ASCII characters that are no letters, digits, '%' or '-'"
	noSort       = "only an integer in a composite can be sortable"
	noValues     = "a composite needs a part that takes a value"
	twice        = "is declared twice"
)

// faults returns the errors joined in err, checked to be of this package.
func faults(t *testing.T, err error) []key.Error {
	t.Helper()
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	var faults []key.Error
	for _, err := range joined.Unwrap() {
		fault, ok := errors.AsType[*key.Error](err)
		require.True(t, ok)
		assert.ErrorIs(t, err, key.ErrKey)
		faults = append(faults, *fault)
	}
	return faults
}

func TestSpecValidate(t *testing.T) {
	t.Parallel()
	s := key.String
	tests := map[string]struct {
		spec key.Spec
		want []key.Error
	}{
		"hash":           {key.Spec{Hash: s("a")}, nil},
		"hash and range": {key.Spec{Hash: s("a"), Range: key.Number("b")}, nil},
		"composites":     {key.Spec{Hash: id, Range: order}, nil},
		"a shared field": {key.Spec{Hash: s("a"), Range: key.Composite("sk", s("a"), key.Int("n"))}, nil},
		"no hash":        {key.Spec{}, []key.Error{{Rule: "the hash key is missing"}}},
		"range alone":    {key.Spec{Range: s("a")}, []key.Error{{Rule: "the hash key is missing"}}},
		"one attribute":  {key.Spec{Hash: s("a"), Range: key.Int("a")}, []key.Error{{Attr: "a", Rule: twice}}},
		"multi": {
			key.Spec{Hash: key.Multi(s("a")), Range: key.Multi(s("b"), s("c"))},
			[]key.Error{{Rule: "a table can't have a multi-attribute key"}, {Rule: "a table can't have a multi-attribute key"}},
		},
		"literal": {key.Spec{Hash: key.Literal("X")}, []key.Error{{Rule: "a literal is no key attribute"}}},
		"a composite of a composite": {
			key.Spec{Hash: key.Composite("id", s("a")), Range: key.Composite("sk", s("id"))},
			[]key.Error{{Attr: "sk", Part: "id", Rule: "is a composite by itself"}},
		},
		"everything at once": {
			key.Spec{
				Hash:  key.Composite("id", s(""), key.Int("n"), key.Int("n")).Delimiter("-"),
				Range: key.Number("id").Sortable(),
			},
			[]key.Error{
				{Attr: "id", Rule: badDelimiter},
				{Attr: "id", Rule: "has no name"},
				{Attr: "id", Rule: noSort},
				{Attr: "id", Part: "n", Rule: twice},
				{Attr: "id", Rule: twice},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.ElementsMatch(t, test.want, faults(t, test.spec.Hash.Inside(door.Key{}).Validate(test.spec.Range)))
		})
	}
}

func TestPartValidate(t *testing.T) {
	t.Parallel()
	s := key.String
	long := strings.Repeat("n", 256)
	tests := map[string]struct {
		part key.Part
		want []key.Error
	}{
		"string":              {s("a"), nil},
		"longest name":        {s(long[1:]), nil},
		"composite":           {order, nil},
		"sortable":            {sortable, nil},
		"multi":               {key.Multi(s("a"), key.Int("b"), key.Binary("c"), id), nil},
		"zero":                {key.Part{}, []key.Error{{Rule: "an undeclared part is no key attribute"}}},
		"literal":             {key.Literal("X"), []key.Error{{Rule: "a literal is no key attribute"}}},
		"no name":             {key.Binary(""), []key.Error{{Rule: "has no name"}}},
		"long name":           {s(long), []key.Error{{Attr: long, Rule: "a name has at most 255 bytes, not 256"}}},
		"sortable alone":      {key.Int("a").Sortable(), []key.Error{{Attr: "a", Rule: noSort}}},
		"sortable composite":  {id.Sortable(), []key.Error{{Attr: "id", Rule: noSort}}},
		"delimiter alone":     {s("a").Delimiter("|"), []key.Error{{Attr: "a", Rule: "only a composite has a delimiter"}}},
		"multi of none":       {key.Multi(), []key.Error{{Rule: "a multi-attribute key has 1 to 4 attributes, not 0"}}},
		"multi of five":       {key.Multi(s("a"), s("b"), s("c"), s("d"), s("e")), []key.Error{{Rule: "a multi-attribute key has 1 to 4 attributes, not 5"}}},
		"multi of itself":     {key.Multi(key.Multi(s("a"))), []key.Error{{Rule: "a multi-attribute key can't hold another"}}},
		"multi of a literal":  {key.Multi(s("a"), key.Literal("X")), []key.Error{{Rule: "a literal is no key attribute"}}},
		"multi of zero":       {key.Multi(s("a"), key.Part{}), []key.Error{{Rule: "an undeclared part is no key attribute"}}},
		"multi with a twin":   {key.Multi(s("a"), key.Int("a")), []key.Error{{Attr: "a", Rule: twice}}},
		"multi with sortable": {key.Multi(key.Int("a").Sortable()), []key.Error{{Attr: "a", Rule: noSort}}},
		"composite of none":   {key.Composite("id"), []key.Error{{Attr: "id", Rule: noValues}}},
		"only literals":       {key.Composite("id", key.Literal("X")), []key.Error{{Attr: "id", Rule: noValues}}},
		"unnamed composite":   {key.Composite("", s("a")), []key.Error{{Rule: "has no name"}}},
		"unnamed field":       {key.Composite("id", s("")), []key.Error{{Attr: "id", Rule: "has no name"}}},
		"long field":          {key.Composite("id", s(long)), []key.Error{{Attr: "id", Part: long, Rule: "a name has at most 255 bytes, not 256"}}},
		"number in it":        {key.Composite("id", key.Number("a")), []key.Error{{Attr: "id", Part: "a", Rule: "a number can't be in a composite"}}},
		"binary in it":        {key.Composite("id", key.Binary("a")), []key.Error{{Attr: "id", Part: "a", Rule: "a binary can't be in a composite"}}},
		"composite in it":     {key.Composite("id", alone), []key.Error{{Attr: "id", Part: "one", Rule: "a composite can't be in a composite"}}},
		"multi in it":         {key.Composite("id", key.Multi(s("a"))), []key.Error{{Attr: "id", Rule: "a multi-attribute key can't be in a composite"}}},
		"zero in it":          {key.Composite("id", key.Part{}), []key.Error{{Attr: "id", Rule: "an undeclared part can't be in a composite"}}},
		"sortable string":     {key.Composite("id", s("a").Sortable()), []key.Error{{Attr: "id", Part: "a", Rule: noSort}}},
		"sortable literal":    {key.Composite("id", s("a"), key.Literal("X").Sortable()), []key.Error{{Attr: "id", Part: `"X"`, Rule: noSort}}},
		"delimiter of a part": {key.Composite("id", s("a").Delimiter("|")), []key.Error{{Attr: "id", Part: "a", Rule: "the delimiter is the whole composite's"}}},
		"a field twice":       {key.Composite("id", s("a"), key.Int("a")), []key.Error{{Attr: "id", Part: "a", Rule: twice}}},
		"its own field":       {key.Composite("id", s("id")), []key.Error{{Attr: "id", Part: "id", Rule: "is a composite by itself"}}},
		"percent in a literal": {
			key.Composite("id", key.Literal("5%"), s("a")),
			[]key.Error{{Attr: "id", Part: `"5%"`, Rule: "a literal holds neither '%' nor the delimiter"}},
		},
		"delimiter in a literal": {
			key.Composite("id", key.Literal("a:b"), s("a")).Delimiter("::"),
			[]key.Error{{Attr: "id", Part: `"a:b"`, Rule: "a literal holds neither '%' nor the delimiter"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.ElementsMatch(t, test.want, faults(t, test.part.Inside(door.Key{}).ValidatePart()))
		})
	}
}

func TestDelimiters(t *testing.T) {
	t.Parallel()
	for _, d := range []string{"|", "#", "::", " ", "~", "!", "/_/", "@"} {
		assert.NoError(t, id.Delimiter(d).Inside(door.Key{}).ValidatePart(), "%q", d)
	}
	for _, d := range []string{"", "a", "Z", "0", "9", "%", "-", "#-", "#%", "\x00", "\n", "\x7f", "·", "\xff"} {
		assert.Equal(t, []key.Error{{Attr: "id", Rule: badDelimiter}}, faults(t, id.Delimiter(d).Inside(door.Key{}).ValidatePart()), "%q", d)
	}
}
