package cond_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/expr"
)

var moment = time.Date(2026, 3, 14, 15, 9, 26, 535_897_932, time.UTC)

// field makes a test of one field: a value in a condition is what a
// repository stores for the field that holds it (rule D4).
func field[V any](a cond.Attr[person, V], set func(*person, V), v V, want string) func(*testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		require.NoError(t, a.Err())
		var p person
		set(&p, v)
		c := a.Eq(v)
		require.NoError(t, c.Err())
		got := compared(c)
		assert.Equal(t, want, stored(got))
		assert.Equal(t, put(t, p, a.Path()), got)

		byName := cond.Name[person](a.Path()).Eq(v)
		require.NoError(t, byName.Err())
		assert.Equal(t, got, compared(byName))
	}
}

// compared returns the value of a comparison; nil of one with nil.
func compared(c cond.Cond[person]) types.AttributeValue {
	if c.Node().Op == expr.OpNull {
		return nil
	}
	return c.Node().Values[0]
}

func TestValuesAreStoredAsTheField(t *testing.T) {
	t.Parallel()
	nick := "x"
	for name, run := range map[string]func(*testing.T){
		"string":         field(cond.Field(func(p *person) *string { return &p.Name }), func(p *person, v string) { p.Name = v }, "a", "S a"),
		"empty string":   field(cond.Field(func(p *person) *string { return &p.Name }), func(p *person, v string) { p.Name = v }, "", "S "),
		"named string":   field(cond.Field(func(p *person) *level { return &p.Level }), func(p *person, v level) { p.Level = v }, "high", "S high"),
		"int":            field(cond.Field(func(p *person) *int { return &p.Size }), func(p *person, v int) { p.Size = v }, -3, "N -3"),
		"named int":      field(cond.Field(func(p *person) *rank { return &p.Rank }), func(p *person, v rank) { p.Rank = v }, 7, "N 7"),
		"number as text": field(cond.Field(func(p *person) *int { return &p.Code }), func(p *person, v int) { p.Code = v }, 12, "S 12"),
		"float":          field(cond.Field(func(p *person) *float64 { return &p.Score }), func(p *person, v float64) { p.Score = v }, 1.5, "N 1.5"),
		"bool":           field(cond.Field(func(p *person) *bool { return &p.Active }), func(p *person, v bool) { p.Active = v }, true, "BOOL true"),
		"bytes":          field(cond.Field(func(p *person) *[]byte { return &p.Photo }), func(p *person, v []byte) { p.Photo = v }, []byte{1, 255}, "B 01ff"),
		"string set":     field(cond.Field(func(p *person) *[]string { return &p.Tags }), func(p *person, v []string) { p.Tags = v }, []string{"b", "a"}, "SS [b a]"),
		"number set":     field(cond.Field(func(p *person) *[]int { return &p.Years }), func(p *person, v []int) { p.Years = v }, []int{1, 2}, "NS [1 2]"),
		"binary set":     field(cond.Field(func(p *person) *[][]byte { return &p.Keys }), func(p *person, v [][]byte) { p.Keys = v }, [][]byte{{1}, {2}}, "BS [01 02]"),
		"list":           field(cond.Field(func(p *person) *[]string { return &p.Notes }), func(p *person, v []string) { p.Notes = v }, []string{"a", ""}, "L [S a, S ]"),
		"nil list":       field(cond.Field(func(p *person) *[]string { return &p.Notes }), func(p *person, v []string) { p.Notes = v }, nil, "nothing"),
		"array":          field(cond.Field(func(p *person) *[2]int { return &p.Grid }), func(p *person, v [2]int) { p.Grid = v }, [2]int{1, 2}, "L [N 1, N 2]"),
		"map":            field(cond.Field(func(p *person) *map[string]int { return &p.Extra }), func(p *person, v map[string]int) { p.Extra = v }, map[string]int{"k": 1}, "M {k: N 1}"),
		"time":           field(cond.Field(func(p *person) *time.Time { return &p.Seen }), func(p *person, v time.Time) { p.Seen = v }, moment, "S 2026-03-14T15:09:26.535897932Z"),
		"unix time":      field(cond.Field(func(p *person) *time.Time { return &p.Ends }), func(p *person, v time.Time) { p.Ends = v }, moment, "N 1773500966"),
		"pointer":        field(cond.Field(func(p *person) **string { return &p.Nick }), func(p *person, v *string) { p.Nick = v }, &nick, "S x"),
		"nil pointer":    field(cond.Field(func(p *person) **string { return &p.Nick }), func(p *person, v *string) { p.Nick = v }, nil, "nothing"),
		"through a pointer": field(cond.Field(func(p *person) *string { return p.Nick }),
			func(p *person, v string) { p.Nick = &v }, "y", "S y"),
		"text marshaler": field(cond.Field(func(p *person) *color { return &p.Color }), func(p *person, v color) { p.Color = v }, color{1, 2, 255}, "S #0102ff"),
		"marshaler":      field(cond.Field(func(p *person) *money { return &p.Price }), func(p *person, v money) { p.Price = v }, money{99}, "N 99"),
		"any":            field(cond.Field(func(p *person) *any { return &p.Any }), func(p *person, v any) { p.Any = v }, any(3), "N 3"),
		"nested struct": field(cond.Field(func(p *person) *address { return &p.Home }), func(p *person, v address) { p.Home = v },
			address{Street: "s", Zip: 7}, "M {street: S s, zip: S 7}"),
		"list of structs": field(cond.Field(func(p *person) *[]line { return &p.Lines }), func(p *person, v []line) { p.Lines = v },
			[]line{{SKU: "k", Tags: []string{"t"}, At: moment}}, "L [M {at: N 1773500966, count: N 0, sku: S k, tags: SS [t]}]"),
	} {
		t.Run(name, run)
	}
}

// What a path leads to is encoded as the field there stores it.
func TestValuesAreStoredAsTheNestedField(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		c    cond.Cond[person]
		want string
	}{
		"nested field":               {cond.Field(func(p *person) *int { return &p.Home.Zip }).Eq(5), "S 5"},
		"nested field by name":       {cond.Name[person]("home.zip").Eq(5), "S 5"},
		"nested field by pointer":    {cond.Name[person]("work.zip").Eq(5), "S 5"},
		"field of a list's element":  {cond.Name[person]("lines[3].at").Eq(moment), "N 1773500966"},
		"set of a list's element":    {cond.Name[person]("lines[3].tags").Eq([]string{"a"}), "SS [a]"},
		"element of a list":          {cond.Name[person]("notes[0]").Eq("a"), "S a"},
		"element of a list, typed":   {cond.Name[person]("lines[0]").Eq(line{SKU: "k", At: moment}), "M {at: N 1773500966, count: N 0, sku: S k}"},
		"element of an array":        {cond.Name[person]("grid[1]").Eq(uint8(3)), "N 3"},
		"entry of a map":             {cond.Name[person]("extra.k").Eq(int64(3)), "N 3"},
		"in a type within itself":    {cond.Name[person]("tree.next.next.name").Eq("x"), "S x"},
		"in what has a marshaler":    {cond.Name[person]("color.r").Eq(1.5), "N 1.5"},
		"in what is not known":       {cond.Name[person]("other.x[1]").Eq(moment), "S 2026-03-14T15:09:26.535897932Z"},
		"in an interface":            {cond.Name[person]("any.x").Eq([]int{1}), "L [N 1]"},
		"nothing":                    {cond.Name[person]("other").Eq(nil), "nothing"},
		"an attribute value":         {cond.Name[person]("size").Eq(&types.AttributeValueMemberS{Value: "x"}), "S x"},
		"another number that fits":   {cond.Name[person]("rank").Eq(int64(7)), "N 7"},
		"a float without a fraction": {cond.Name[person]("size").Eq(7.0), "N 7"},
		"a plain string for a named": {cond.Name[person]("level").Eq("x"), "S x"},
		"a value for a pointer":      {cond.Name[person]("nick").Eq("x"), "S x"},
		"a pointer for a value":      {cond.Name[person]("name").Eq(new("x")), "S x"},
		"member of a set":            {cond.Field(func(p *person) *[]int { return &p.Years }).Contains(int8(3)), "N 3"},
		"member of a binary set":     {cond.Field(func(p *person) *[][]byte { return &p.Keys }).Contains([]byte{1}), "B 01"},
		"member of a list":           {cond.Field(func(p *person) *[]string { return &p.Notes }).NotContains(level("x")), "S x"},
		"member of a list of struct": {cond.Field(func(p *person) *[]line { return &p.Lines }).Contains(line{At: moment}), "M {at: N 1773500966, count: N 0, sku: S }"},
		"part of a string":           {cond.Field(func(p *person) *string { return &p.Name }).Contains("x"), "S x"},
		"part of a time's text":      {cond.Field(func(p *person) *time.Time { return &p.Seen }).Contains("2026"), "S 2026"},
		"part of what is not known":  {cond.Name[person]("other").Contains(moment), "S 2026-03-14T15:09:26.535897932Z"},
		"prefix of a named string":   {cond.Field(func(p *person) *level { return &p.Level }).BeginsWith("h"), "S h"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, tt.c.Err())
			assert.Equal(t, tt.want, stored(compared(tt.c)))
		})
	}
}

// What a condition was made of may change afterwards.
func TestValuesAreCopies(t *testing.T) {
	t.Parallel()
	photo, tags := []byte{1, 2}, []string{"a"}
	byPhoto := cond.Field(func(p *person) *[]byte { return &p.Photo }).Eq(photo)
	byTags := cond.Field(func(p *person) *[]string { return &p.Tags }).Eq(tags)
	photo[0], tags[0] = 9, "z"
	assert.Equal(t, "B 0102", stored(byPhoto.Node().Values[0]))
	assert.Equal(t, "SS [a]", stored(byTags.Node().Values[0]))
}

// failing can't be stored.
type failing struct{}

func (failing) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return nil, assert.AnError
}

func TestValuesThatDoNotFit(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	type holder struct {
		F failing `dynamodbav:"f"`
	}
	of := cond.Name[person]
	tests := map[string]struct {
		err  error
		text string
	}{
		"a string for a number": {
			of("size").Eq(secret).Err(),
			"cond: cond_test.person: attribute size: a value that the attribute can't hold: value of the wrong kind: want int",
		},
		"a number for a string": {
			of("name").Lt(4242).Err(),
			"cond: cond_test.person: attribute name: a value that the attribute can't hold: value of the wrong kind: want string",
		},
		"a number too large": {
			of("rank").In(1, int64(1)<<40).Err(),
			"cond: cond_test.person: attribute rank: a value that the attribute can't hold: value of the wrong kind: want cond_test.rank",
		},
		"a fraction for an integer": {
			of("size").Between(1, 2.5).Err(),
			"cond: cond_test.person: attribute size: a value that the attribute can't hold: value of the wrong kind: want int",
		},
		"a member of the wrong kind": {
			of("years").Contains(secret).Err(),
			"cond: cond_test.person: attribute years: a value that the attribute can't hold: value of the wrong kind: want int",
		},
		"an element of the wrong kind, in a path": {
			of("lines[0].count").Ne(secret).Err(),
			"cond: cond_test.person: attribute lines[0].count: a value that the attribute can't hold: value of the wrong kind: want int",
		},
		"nil for what can't be nil": {
			of("size").Eq(nil).Err(),
			"cond: cond_test.person: attribute size: a value that the attribute can't hold: value of the wrong kind: want int",
		},
		"a change": {
			of("size").Set(secret).Err(),
			"cond: cond_test.person: attribute size: a value that the attribute can't hold: value of the wrong kind: want int",
		},
		"a list": {
			of("size").Append(secret).Err(),
			"cond: cond_test.person: attribute size: a value that the attribute can't hold: value of the wrong kind: want int",
		},
		"an order of booleans": {
			of("active").Gt(true).Err(),
			"cond: cond_test.person: attribute active: an order is for values that are all strings, all numbers or all binaries",
		},
		"an order of sets": {
			of("tags").Lte([]string{secret}).Err(),
			"cond: cond_test.person: attribute tags: an order is for values that are all strings, all numbers or all binaries",
		},
		"an order of nothing": {
			of("nick").Gte(nil).Err(),
			"cond: cond_test.person: attribute nick: an order is for values that are all strings, all numbers or all binaries",
		},
		"bounds of two types": {
			of("other").Between(1, secret).Err(),
			"cond: cond_test.person: attribute other: an order is for values that are all strings, all numbers or all binaries",
		},
		"in of nothing": {
			of("size").In().Err(),
			"cond: cond_test.person: attribute size: in needs a value",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, tt.err, tt.text)
			require.ErrorIs(t, tt.err, cond.ErrAttr)
			var typed *cond.AttrError
			require.ErrorAs(t, tt.err, &typed)
			for _, value := range []string{secret, "4242", "1099511627776", "2.5"} {
				assert.NotContains(t, tt.text, value)
			}
		})
	}
	// What a marshaler says is beneath.
	err := cond.Name[holder]("f").Eq(failing{}).Err()
	require.ErrorIs(t, err, cond.ErrAttr)
	require.ErrorIs(t, err, assert.AnError)
	assert.True(t, strings.HasPrefix(err.Error(), "cond: cond_test.holder: attribute f: a value that the attribute can't hold: "))
}

// Numbers of 38 digits go through as they stand.
func TestExactNumbers(t *testing.T) {
	t.Parallel()
	type account struct {
		Balance attributevalue.Number `dynamodbav:"balance"`
	}
	const digits = "12345678901234567890123456789012345678"
	c := cond.Field(func(a *account) *attributevalue.Number { return &a.Balance }).Gte(digits)
	require.NoError(t, c.Err())
	assert.Equal(t, "N "+digits, stored(c.Node().Values[0]))
}
