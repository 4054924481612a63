package index_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
)

var table = key.Spec{Hash: key.String("id"), Range: key.Int("position")}

func many(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("attr", i)
	}
	return names
}

// Rule L2: every fault, all at once.
func TestValidate(t *testing.T) {
	t.Parallel()
	five := make([]index.Spec, 5)
	for i := range five {
		five[i] = index.Local(fmt.Sprint("local", i), key.Number(fmt.Sprint("n", i)))
	}
	tests := map[string]struct {
		table  key.Spec
		specs  []index.Spec
		faults []string // nil for none
	}{
		"none": {table: table},
		"every kind that is right": {
			table: table,
			specs: append(five,
				index.Global("abc", key.String("a")),
				index.Global("a_b-c.D9", key.Composite("c", key.String("a"), key.Int("n")), key.Binary("bin")).KeysOnly().WithThroughput(1, 2),
				index.Global(strings.Repeat("x", 255), key.Multi(key.String("a"), key.Int("position")), key.Multi(key.Number("n1"))).Include("x", "y"),
				index.Global("inverted", key.Int("position"), key.String("id")),
			),
		},
		"keys may be included": {
			table: table,
			specs: []index.Spec{index.Global("idx", key.String("a")).Include("id", "position", "a")},
		},
		"names": {
			table: table,
			specs: []index.Spec{
				index.Global("ab", key.String("a")),
				index.Global("a b", key.String("a")),
				index.Global(strings.Repeat("x", 256), key.String("a")),
			},
			faults: []string{
				`index: "ab": a name has 3 to 255 letters, digits, '_', '-' or '.'`,
				`index: "a b": a name has 3 to 255 letters, digits, '_', '-' or '.'`,
				`index: "` + strings.Repeat("x", 256) + `": a name has 3 to 255 letters, digits, '_', '-' or '.'`,
			},
		},
		"one name twice": {
			table:  table,
			specs:  []index.Spec{index.Global("idx", key.String("a")), index.Local("idx", key.Number("n"))},
			faults: []string{`index: "idx": declared twice`},
		},
		"a global index without a hash key": {
			table:  table,
			specs:  []index.Spec{index.Global("idx", key.Part{}, key.String("a"))},
			faults: []string{`index: "idx": a global index needs a hash key`},
		},
		"a local index without a sort key": {
			table:  table,
			specs:  []index.Spec{index.Local("idx", key.Part{})},
			faults: []string{`index: "idx": a local index needs a sort key`},
		},
		"a local index of a table without a sort key": {
			table:  key.Spec{Hash: key.String("id")},
			specs:  []index.Spec{index.Local("idx", key.Number("n"))},
			faults: []string{`index: "idx": a local index needs a table with a sort key`},
		},
		"a local index with several sort attributes": {
			table:  table,
			specs:  []index.Spec{index.Local("idx", key.Multi(key.Number("n"), key.String("s")))},
			faults: []string{`index: "idx": a local index has one sort attribute`},
		},
		"two sort keys": {
			table:  table,
			specs:  []index.Spec{index.Global("idx", key.String("a"), key.Number("n"), key.String("s"))},
			faults: []string{`index: "idx": an index has one sort key; several attributes go in key.Multi`},
		},
		"throughput of a local index": {
			table:  table,
			specs:  []index.Spec{index.Local("idx", key.Number("n")).WithThroughput(1, 1)},
			faults: []string{`index: "idx": a local index uses the throughput of its table`},
		},
		"negative throughput": {
			table: table,
			specs: []index.Spec{
				index.Global("idx", key.String("a")).WithThroughput(-1, 1),
				index.Global("idy", key.String("a")).WithThroughput(1, -1),
			},
			faults: []string{`index: "idx": throughput can't be negative`, `index: "idy": throughput can't be negative`},
		},
		"keys that are not right": {
			table: table,
			specs: []index.Spec{
				index.Global("idx", key.Composite("c"), key.String("")),
				index.Global("idy", key.Multi(key.String("a"), key.String("b"), key.String("c"), key.String("d"), key.String("e"))),
			},
			faults: []string{
				`index: "idx": attribute c: the key is not right: key: c: a composite needs a part that takes a value`,
				`index: "idx": the key is not right: key: has no name`,
				`index: "idy": the key is not right: key: a multi-attribute key has 1 to 4 attributes, not 5`,
			},
		},
		"a fault of the table's key is told with the table": {
			table: key.Spec{Hash: key.Literal("x"), Range: key.Int("position")},
			specs: []index.Spec{index.Local("idx", key.Number("n"))},
		},
		"one attribute of two types": {
			table: table,
			specs: []index.Spec{
				index.Global("idx", key.Number("id")),
				index.Global("idy", key.String("a")),
				index.Local("idz", key.Number("a")),
			},
			faults: []string{
				`index: "idx": attribute id: a key attribute of another type elsewhere`,
				`index: "idz": attribute a: a key attribute of another type elsewhere`,
			},
		},
		"one attribute twice in an index": {
			table: table,
			specs: []index.Spec{
				index.Global("idx", key.String("a"), key.String("a")),
				index.Local("idy", key.String("id")),
				index.Global("idz", key.String("a"), key.Multi(key.String("b"), key.String("a"))),
			},
			faults: []string{
				`index: "idx": attribute a: twice in the keys of one index`,
				`index: "idy": attribute id: twice in the keys of one index`,
				`index: "idz": attribute a: twice in the keys of one index`,
			},
		},
		"includes": {
			table: table,
			specs: []index.Spec{
				index.Global("idx", key.String("a")).Include(),
				index.Global("idy", key.String("a")).Include("x", "y", "x"),
			},
			faults: []string{`index: "idx": include names no attribute`, `index: "idy": attribute x: included twice`},
		},
		"100 included attributes": {
			table: table,
			specs: []index.Spec{
				index.Global("idx", key.String("a")).Include(many(60)...),
				index.Local("idy", key.String("a")).Include(many(40)...),
			},
		},
		"101 included attributes": {
			table: table,
			specs: []index.Spec{
				index.Global("idx", key.String("a")).Include(many(60)...),
				index.Local("idy", key.String("a")).Include(many(41)...),
			},
			faults: []string{`index: the indexes of a table include at most 100 attributes together`},
		},
		"six local indexes": {
			table:  table,
			specs:  append(five, index.Local("more", key.String("a"))),
			faults: []string{`index: a table has at most 5 local indexes`},
		},
		"all at once": {
			table: key.Spec{Hash: key.String("id")},
			specs: []index.Spec{
				index.Local("i", key.Part{}).Include().WithThroughput(-1, 0),
				index.Global("i", key.Part{}, key.String("id"), key.Number("id")),
			},
			faults: []string{
				`index: "i": a name has 3 to 255 letters, digits, '_', '-' or '.'`,
				`index: "i": a local index needs a sort key`,
				`index: "i": a local index uses the throughput of its table`,
				`index: "i": throughput can't be negative`,
				`index: "i": include names no attribute`,
				`index: "i": declared twice`,
				`index: "i": a name has 3 to 255 letters, digits, '_', '-' or '.'`,
				`index: "i": a global index needs a hash key`,
				`index: "i": an index has one sort key; several attributes go in key.Multi`,
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := index.Validate(tt.table, tt.specs)
			if tt.faults == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, index.ErrIndex)
			assert.Equal(t, tt.faults, strings.Split(err.Error(), "\n"))
		})
	}
}

func TestFaultsAreTyped(t *testing.T) {
	t.Parallel()
	err := index.Validate(table, []index.Spec{index.Global("idx", key.Composite("c"))})
	require.ErrorIs(t, err, index.ErrIndex)
	require.ErrorContains(t, err, `index: "idx": attribute c: `)
	require.ErrorIs(t, err, key.ErrKey)
	var beneath *key.Error
	assert.ErrorAs(t, err, &beneath)
}

// A Spec is a value: what is made of it leaves it as it was.
func TestSpecIsAValue(t *testing.T) {
	t.Parallel()
	sort := []key.Part{key.Number("score")}
	all := index.Global("idx", key.String("user"), sort...)
	sort[0] = key.String("other")
	attrs := []string{"a", "b"}
	some := all.Include(attrs...).WithThroughput(5, 6)
	attrs[0] = "x"
	keysOnly := some.KeysOnly()

	assert.Equal(t, "idx", all.Name())
	assert.False(t, all.IsLocal())
	assert.Equal(t, key.Spec{Hash: key.String("user"), Range: key.Number("score")}, all.Key(table))
	assert.Equal(t, types.ProjectionTypeAll, all.Projection())
	assert.Nil(t, all.Included())
	assert.Equal(t, index.Throughput{}, all.Throughput())

	assert.Equal(t, types.ProjectionTypeInclude, some.Projection())
	assert.Equal(t, []string{"a", "b"}, some.Included())
	some.Included()[0] = "x"
	assert.Equal(t, []string{"a", "b"}, some.Included())
	assert.Equal(t, index.Throughput{Read: 5, Write: 6}, some.Throughput())

	assert.Equal(t, types.ProjectionTypeKeysOnly, keysOnly.Projection())
	assert.Nil(t, keysOnly.Included())

	local := index.Local("loc", key.Number("score"))
	assert.True(t, local.IsLocal())
	assert.Equal(t, key.Spec{Hash: key.String("id"), Range: key.Number("score")}, local.Key(table))
	assert.Equal(t, key.Spec{Hash: key.String("user")}, index.Global("idx", key.String("user")).Key(table))
}
