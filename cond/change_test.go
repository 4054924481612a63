package cond_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
)

func edits(changes ...cond.Change[person]) []*expr.Edit {
	all := make([]*expr.Edit, len(changes))
	for i, c := range changes {
		all[i] = c.Edit()
	}
	return all
}

// Rule F3: each change as the SDK sends it.
func TestChanges(t *testing.T) {
	t.Parallel()
	of := cond.Name[person]
	tests := map[string]struct {
		changes []cond.Change[person]
		want    string
	}{
		"set":                    {[]cond.Change[person]{size.Set(3)}, "SET #0 = :0; #0 size; :0 N 3"},
		"set a zero value":       {[]cond.Change[person]{name.Set("")}, "SET #0 = :0; #0 name; :0 S "},
		"set nested":             {[]cond.Change[person]{zip.Set(3)}, "SET #0.#1 = :0; #0 work; #1 zip; :0 S 3"},
		"set a list's element":   {[]cond.Change[person]{sku.Set("k")}, "SET #0[1].#1 = :0; #0 lines; #1 sku; :0 S k"},
		"set a nil list":         {[]cond.Change[person]{notes.Set(nil)}, "REMOVE #0; #0 notes"},
		"set a set":              {[]cond.Change[person]{tags.Set([]string{"a"})}, "SET #0 = :0; #0 tags; :0 SS [a]"},
		"an empty set":           {[]cond.Change[person]{tags.Set([]string{})}, "REMOVE #0; #0 tags"},
		"a nil set":              {[]cond.Change[person]{years.Set(nil)}, "REMOVE #0; #0 years"},
		"an empty set, nested":   {[]cond.Change[person]{of("lines[0].tags").Set([]string{})}, "REMOVE #0[0].#1; #0 lines; #1 tags"},
		"set if missing":         {[]cond.Change[person]{size.SetIfMissing(3)}, "SET #0 = if_not_exists(#0, :0); #0 size; :0 N 3"},
		"add a number":           {[]cond.Change[person]{size.Add(-1)}, "ADD #0 :0; #0 size; :0 N -1"},
		"add to a set":           {[]cond.Change[person]{years.Add([]int{1, 2})}, "ADD #0 :0; #0 years; :0 NS [1 2]"},
		"remove":                 {[]cond.Change[person]{name.Remove()}, "REMOVE #0; #0 name"},
		"remove an element":      {[]cond.Change[person]{of("notes[2]").Remove()}, "REMOVE #0[2]; #0 notes"},
		"append":                 {[]cond.Change[person]{notes.Append([]string{"a"})}, "SET #0 = list_append(if_not_exists(#0, :0), :1); #0 notes; :0 L []; :1 L [S a]"},
		"append nothing":         {[]cond.Change[person]{notes.Append(nil)}, "SET #0 = list_append(if_not_exists(#0, :0), :1); #0 notes; :0 L []; :1 L []"},
		"append structs":         {[]cond.Change[person]{lines.Append([]line{{SKU: "k", At: moment}})}, "SET #0 = list_append(if_not_exists(#0, :0), :1); #0 lines; :0 L []; :1 L [M {at: N 1773500966, count: N 0, sku: S k}]"},
		"prepend":                {[]cond.Change[person]{notes.Prepend([]string{"a", "b"})}, "SET #0 = list_append(:0, if_not_exists(#0, :1)); #0 notes; :0 L [S a, S b]; :1 L []"},
		"delete from a set":      {[]cond.Change[person]{tags.DeleteFromSet([]string{"a"})}, "DELETE #0 :0; #0 tags; :0 SS [a]"},
		"names are aliased":      {[]cond.Change[person]{of("a.b").Set("x")}, "SET #0 = :0; #0 a.b; :0 S x"},
		"elements of one list":   {[]cond.Change[person]{of("notes[0]").Set("a"), of("notes[1]").Set("b")}, "SET #0[0] = :0, #0[1] = :1; #0 notes; :0 S a; :1 S b"},
		"entries of one map":     {[]cond.Change[person]{of("extra.a").Set(1), of("extra.ab").Remove()}, "REMOVE #0.#1\nSET #0.#2 = :0; #0 extra; #1 ab; #2 a; :0 N 1"},
		"a name like a path":     {[]cond.Change[person]{of("a.b").Set("x"), of("a.c").Set("y")}, "SET #0 = :0, #1.#2 = :1; #0 a.b; #1 a; #2 c; :0 S x; :1 S y"},
		"several, in one update": {[]cond.Change[person]{size.Add(1), name.Set("n"), tags.DeleteFromSet([]string{"a"}), notes.Remove()}, "ADD #0 :0\nDELETE #1 :1\nREMOVE #2\nSET #3 = :2; #0 size; #1 tags; #2 notes; #3 name; :0 N 1; :1 SS [a]; :2 S n"},
	}
	for given, tt := range tests {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			for _, c := range tt.changes {
				require.NoError(t, c.Err())
			}
			update, err := expr.Compile(edits(tt.changes...))
			require.NoError(t, err)
			assert.Equal(t, tt.want, rendered(t, expression.NewBuilder().WithUpdate(update), expression.Expression.Update))
		})
	}
}

func TestChangesThatDoNotFit(t *testing.T) {
	t.Parallel()
	const attribute = "cond: cond_test.person: attribute "
	for given, tt := range map[string]struct {
		change cond.Change[person]
		text   string
	}{
		"set an empty set if missing":    {tags.SetIfMissing(nil), attribute + "tags: an empty set can't be stored"},
		"add a string":                   {name.Add("4242"), attribute + "name: add takes a number or the elements of a set"},
		"add a number stored as text":    {zip.Add(4242), attribute + "work.zip: add takes a number or the elements of a set"},
		"add an empty set":               {tags.Add(nil), attribute + "tags: add takes a number or the elements of a set"},
		"add to a list":                  {notes.Add([]string{"4242"}), attribute + "notes: add takes a number or the elements of a set"},
		"delete from a list":             {notes.DeleteFromSet([]string{"4242"}), attribute + "notes: delete takes the elements of a set"},
		"delete from a number":           {size.DeleteFromSet(4242), attribute + "size: delete takes the elements of a set"},
		"delete an empty set":            {years.DeleteFromSet([]int{}), attribute + "years: delete takes the elements of a set"},
		"append to a set":                {tags.Append([]string{"4242"}), attribute + "tags: append and prepend take the elements of a list"},
		"append nothing to a set":        {tags.Append(nil), attribute + "tags: append and prepend take the elements of a list"},
		"prepend a string":               {name.Prepend("4242"), attribute + "name: append and prepend take the elements of a list"},
		"append an element, not a slice": {cond.Name[person]("other").Append(4242), attribute + "other: append and prepend take the elements of a list"},
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, tt.change.Err(), tt.text)
			require.ErrorIs(t, tt.change.Err(), cond.ErrAttr)
			_, err := expr.Compile(edits(tt.change))
			assert.EqualError(t, err, tt.text)
		})
	}
}

func TestOverlaps(t *testing.T) {
	t.Parallel()
	of := cond.Name[person]
	for given, tt := range map[string]struct {
		changes  []cond.Change[person]
		overlaps []string // the attribute of each
	}{
		"the same twice":              {[]cond.Change[person]{size.Set(1), size.Add(2)}, []string{"size"}},
		"an attribute and what is in": {[]cond.Change[person]{of("work").Remove(), zip.Set(1)}, []string{"work.zip"}},
		"what is in and an attribute": {[]cond.Change[person]{zip.Set(1), of("work").Remove()}, []string{"work"}},
		"a list and its element":      {[]cond.Change[person]{of("notes[0]").Remove(), notes.Append(nil)}, []string{"notes"}},
		"three times":                 {[]cond.Change[person]{size.Set(1), name.Set(""), size.Set(2), size.Set(3)}, []string{"size", "size", "size"}},
		"siblings":                    {[]cond.Change[person]{zip.Set(1), of("work.street").Set("x"), of("work2").Set(1)}, nil},
		"one name within another":     {[]cond.Change[person]{of("siz").Set(1), size.Set(1)}, nil},
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			_, err := expr.Compile(edits(tt.changes...))
			if tt.overlaps == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, cond.ErrOverlap)
			require.ErrorIs(t, err, cond.ErrAttr)
			var typed *cond.AttrError
			require.ErrorAs(t, err, &typed)
			assert.Equal(t, reflect.TypeFor[person](), typed.Type)
			assert.Equal(t, tt.overlaps[0], typed.Attr)
			var want []string
			for _, attr := range tt.overlaps {
				want = append(want, "cond: cond_test.person: attribute "+attr+": changed twice in one update: cond: two changes overlap")
			}
			assert.Equal(t, want, strings.Split(err.Error(), "\n"))
		})
	}
}

func TestEmptyChanges(t *testing.T) {
	t.Parallel()
	var zero cond.Change[person]
	require.ErrorIs(t, zero.Err(), cond.ErrEmpty)
	assert.Nil(t, zero.Edit())
	for given, changes := range map[string][]cond.Change[person]{
		"none":                nil,
		"a zero one":          {zero},
		"a zero one, between": {size.Set(1), zero, name.Set("x")},
		"two zero ones":       {zero, zero},
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			_, err := expr.Compile(edits(changes...))
			require.ErrorIs(t, err, cond.ErrEmpty)
			assert.NotErrorIs(t, err, cond.ErrOverlap)
		})
	}
	_, err := expr.Compile([]*expr.Edit{{Path: expr.Path{{Name: "x"}}}})
	assert.ErrorIs(t, err, cond.ErrEmpty)
}

// What a change was made of may change afterwards.
func TestChangesAreCopies(t *testing.T) {
	t.Parallel()
	values := []string{"a"}
	c := notes.Append(values)
	values[0] = "z"
	assert.Equal(t, "L [S a]", stored(c.Edit().Value))
	assert.Equal(t, expr.EditAppend, c.Edit().Op)
	assert.True(t, slices.Equal(expr.Path{{Name: "notes"}}, c.Edit().Path))
}
