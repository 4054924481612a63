package planner_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/planner"
	"github.com/dynarepo/dynarepo/key"
)

// What the rules say of themselves, for the tables.
const (
	none       = "no key or index serves the conditions"
	tableSort  = "hash key of the table and a condition on its sort key"
	localSort  = "local index with a condition on its sort key"
	globalSort = "global index with its hash key and a condition on its sort key"
	tableHash  = "hash key of the table"
	globalHash = "global index with its hash key"
	named      = "the index was named"
	asked      = "a scan was asked for"
	noConds    = "no conditions"
)

type row struct {
	request planner.Request
	want    string // as show writes the plan
	err     string // instead of a plan
}

func check(t *testing.T, rows map[string]row) {
	t.Helper()
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan, err := planner.Choose(r.request)
			if r.err != "" {
				require.EqualError(t, err, r.err)
				assert.Equal(t, planner.Plan{}, plan)
				assert.True(t, errors.Is(err, index.ErrPlan) || errors.Is(err, index.ErrIndex))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, r.want, show(plan))
			again, err := planner.Choose(r.request)
			require.NoError(t, err)
			assert.Equal(t, plan, again)
		})
	}
}

// Rules C1, C2 and K5: which request, and which of several indexes.
func TestChoose(t *testing.T) {
	t.Parallel()
	check(t, map[string]row{
		"no conditions": {
			request: with(scores, nil),
			want:    "scan | " + noConds,
		},
		"equality on the whole hash key": {
			request: with(scores, id()),
			want:    `query | ` + tableHash + ` | key: id = "m|42"`,
		},
		"equality on the composite itself": {
			request: with(scores, terms(eq("id", s("m|42")))),
			want:    `query | ` + tableHash + ` | key: id = "m|42"`,
		},
		"the composite itself goes before its parts": {
			request: with(scores, id(eq("id", s("m|43")))),
			want:    `query | ` + tableHash + ` | key: id = "m|43" | filter: [0 1]`,
		},
		"the parts in any order": {
			request: with(scores, terms(eq("account_id", n(42)), eq("model_id", s("m")))),
			want:    `query | ` + tableHash + ` | key: id = "m|42"`,
		},
		"a part of the hash key": {
			request: with(scores, terms(eq("model_id", s("m")))),
			want:    `scan | ` + none + ` | filter: [0] | unserved: [model_id] | suggest: index.Global("...", key.String("model_id"))`,
		},
		"the hash key under another operator": {
			request: with(scores, terms(begins("id", s("m|")))),
			want:    `scan | ` + none + ` | filter: [0] | unserved: [id]`,
		},
		"a part of the hash key under another operator": {
			request: with(scores, terms(eq("model_id", s("m")), gt("account_id", n(1)))),
			want: `scan | ` + none + ` | filter: [0 1] | unserved: [model_id account_id] | ` +
				`suggest: index.Global("...", key.String("model_id"), key.Number("account_id"))`,
		},
		"other attributes alone": {
			request: with(scores, terms(gt("lives", n(1)), eq("level", n(2)))),
			want: `scan | ` + none + ` | filter: [0 1] | unserved: [lives level] | ` +
				`suggest: index.Global("...", key.Number("level"), key.Number("lives"))`,
		},
		"1: the table's sort key": {
			request: with(scores, id(gt("position", n(7)))),
			want:    `query | ` + tableSort + ` | key: id = "m|42" and position > 7`,
		},
		"1: equality on the table's sort key": {
			request: with(scores, id(eq("position", n(7)))),
			want:    `query | ` + tableSort + ` | key: id = "m|42" and position = 7`,
		},
		"1 goes before 2 and 3": {
			request: with(scores, id(gt("score", n(1)), eq("user_id", s("u")), lt("position", n(9)))),
			want:    `query | ` + tableSort + ` | key: id = "m|42" and position < 9 | filter: [2 3]`,
		},
		"2: a local index": {
			request: with(scores, id(gt("score", n(1)))),
			want:    `query local score_part | ` + localSort + ` | key: id = "m|42" and score > 1 | fetch`,
		},
		"2 goes before 3": {
			request: with(scores, id(gt("score", n(1)), eq("user_id", s("u")))),
			want:    `query local score_idx | ` + localSort + ` | key: id = "m|42" and score > 1 | filter: [3]`,
		},
		"2: the first declared of those that project the filter": {
			request: with(scores, id(gt("score", n(1)), other("lives"))),
			want:    `query local score_idx | ` + localSort + ` | key: id = "m|42" and score > 1 | filter: [3]`,
		},
		"2: a filter that the index projects": {
			request: with(scores, id(begins("email", s("a@")), other("tags"))),
			want:    `query local email_part | ` + localSort + ` | key: id = "m|42" and email begins_with "a@" | filter: [3] | fetch`,
		},
		"2: no local index projects the filter": {
			request: with(scores, id(begins("email", s("a@")), other("lives"))),
			want:    `query | ` + tableHash + ` | key: id = "m|42" | filter: [2 3]`,
		},
		"2: no local index projects what an expression of the caller reads": {
			request: with(scores, id(begins("email", s("a@"))), filtered("tags", "lives")),
			want:    `query | ` + tableHash + ` | key: id = "m|42" | filter: [2]`,
		},
		"2: a filter on the table's sort key": {
			request: with(scores, id(gt("score", n(1)), other("position"))),
			want:    `query local score_part | ` + localSort + ` | key: id = "m|42" and score > 1 | filter: [3] | fetch`,
		},
		"2: nothing to fetch for what is asked": {
			request: with(scores, id(gt("score", n(1))), project("position", "score")),
			want:    `query local score_part | ` + localSort + ` | key: id = "m|42" and score > 1`,
		},
		"3: a global index, the first declared that projects all": {
			request: with(scores, terms(eq("user_id", s("u")), gte("score", n(3)))),
			want:    `query global user_idx | ` + globalSort + ` | key: user_id = "u" and score >= 3`,
		},
		"3 goes before 4": {
			request: with(scores, id(eq("user_id", s("u")), eq("digest", b("\x01\x02")))),
			want:    `query global blob_idx | ` + globalSort + ` | key: digest = 0102 and user_id = "u" | filter: [0 1]`,
		},
		"3, but not of one partition": {
			request: with(scores, id(eq("user_id", s("u")), eq("digest", b("\x01"))), partition),
			want:    `query | ` + tableHash + ` | key: id = "m|42" | filter: [2 3]`,
		},
		"3, but not consistently": {
			request: with(scores, id(eq("user_id", s("u")), eq("digest", b("\x01"))), consistent),
			want:    `query | ` + tableHash + ` | key: id = "m|42" | filter: [2 3]`,
		},
		"3, though the table's sort key can't be queried so": {
			request: with(scores, id(other("position"), eq("user_id", s("u")), eq("digest", b("\x01")))),
			want:    `query global blob_idx | ` + globalSort + ` | key: digest = 01 and user_id = "u" | filter: [0 1 2]`,
		},
		"4 goes before 5": {
			request: with(scores, id(eq("user_id", s("u")))),
			want:    `query | ` + tableHash + ` | key: id = "m|42" | filter: [2]`,
		},
		"4, since a condition of the caller is on the table's sort key": {
			request: with(scores, id(gt("score", n(1)), eq("user_id", s("u"))), sortGiven),
			want:    `query | ` + tableHash + ` | key: id = "m|42" | filter: [2 3]`,
		},
		"5: a global index": {
			request: with(scores, terms(eq("user_id", s("u")))),
			want:    `query global user_idx | ` + globalHash + ` | key: user_id = "u"`,
		},
		"5: a filter beside": {
			request: with(scores, terms(other("tags"), eq("user_id", s("u")), lt("position", n(3)))),
			want:    `query global user_idx | ` + globalHash + ` | key: user_id = "u" | filter: [0 2]`,
		},
		"5, but not consistently": {
			request: with(scores, terms(eq("user_id", s("u"))), consistent),
			want:    `scan | ` + none + ` | filter: [0] | unserved: [user_id] | suggest: index.Global("...", key.String("user_id"))`,
		},
		"5, though the table's sort key can't be queried so": {
			request: with(scores, id(other("position"), eq("user_id", s("u")))),
			want:    `query global user_idx | ` + globalHash + ` | key: user_id = "u" | filter: [0 1 2]`,
		},
		"a condition on an index's own key that no query takes": {
			request: with(scores, terms(eq("user_id", s("u")), other("score"))),
			want: `scan | ` + none + ` | filter: [0 1] | unserved: [user_id score] | ` +
				`suggest: index.Global("...", key.String("user_id"))`,
		},
		"compound terms choose nothing": {
			request: with(scores, terms(either("model_id", "account_id"), either("account_id", "user_id"))),
			want:    `scan | ` + none + ` | filter: [0 1] | unserved: [model_id account_id user_id]`,
		},
		"a scan asked for": {
			request: with(scores, id(gt("position", n(1))), scan),
			want:    `scan | ` + asked + ` | filter: [0 1 2]`,
		},
	})
}

// Rule C3: an index that projects in part.
func TestChoosePartial(t *testing.T) {
	t.Parallel()
	mine := terms(eq("user_id", s("u")), gt("position", n(1)))
	check(t, map[string]row{
		"not by itself": {
			request: with(scores, mine),
			want:    `query global user_idx | ` + globalHash + ` | key: user_id = "u" | filter: [1]`,
		},
		"by itself, if it projects what is asked for": {
			request: with(scores, mine, project("tags", "id", "position")),
			want:    `query global user_part | ` + globalSort + ` | key: user_id = "u" and position > 1`,
		},
		"not if something asked for is missing": {
			request: with(scores, mine, project("tags", "score")),
			want:    `query global user_idx | ` + globalHash + ` | key: user_id = "u" | filter: [1]`,
		},
		"not if something filtered on is missing": {
			request: with(scores, append(mine, other("lives")), project("tags")),
			want:    `query global user_idx | ` + globalHash + ` | key: user_id = "u" | filter: [1 2]`,
		},
		"not if an expression of the caller reads what is missing": {
			request: with(scores, mine, project("tags"), filtered("lives")),
			want:    `query global user_idx | ` + globalHash + ` | key: user_id = "u" | filter: [1]`,
		},
		"a part of a composite key is not projected with it": {
			request: with(scores, mine, project("model_id")),
			want:    `query global user_idx | ` + globalHash + ` | key: user_id = "u" | filter: [1]`,
		},
		"named": {
			request: with(scores, mine, forced("user_part")),
			want:    `query global user_part | ` + named + ` | key: user_id = "u" and position > 1 | partial`,
		},
		"named, and asked for what it projects": {
			request: with(scores, mine, forced("user_part"), project("tags")),
			want:    `query global user_part | ` + named + ` | key: user_id = "u" and position > 1`,
		},
		"named, and asked for more": {
			request: with(scores, mine, forced("user_part"), project("tags", "score")),
			err:     "index: index user_part: attribute score: asked for, and the index does not project it",
		},
		"named, with a filter on what it projects": {
			request: with(scores, append(mine, other("tags"), eq("id", s("m|1"))), forced("user_part")),
			want:    `query global user_part | ` + named + ` | key: user_id = "u" and position > 1 | filter: [2 3] | partial`,
		},
		"named, with a filter on more": {
			request: with(scores, append(mine, either("tags", "lives")), forced("user_part")),
			err:     "index: index user_part: attribute lives: a filter reads it, and the index does not project it",
		},
		"a local one, named, with a filter on more": {
			request: with(scores, id(other("tags")), forced("score_part")),
			err:     "index: index score_part: attribute tags: a filter reads it, and the index does not project it",
		},
		"a local one, named, asked for more, which it fetches": {
			request: with(scores, id(), forced("score_part"), project("tags")),
			want:    `query local score_part | ` + named + ` | key: id = "m|42"`,
		},
	})
}

// Rules C4 and C7: an index by name.
func TestChooseNamed(t *testing.T) {
	t.Parallel()
	check(t, map[string]row{
		"not declared": {
			request: with(scores, id(), forced("nope")),
			err:     `index: "nope": not declared`,
		},
		"with its hash": {
			request: with(scores, terms(eq("user_id", s("u")), eq("lives", n(1))), forced("user_twin")),
			want:    `query global user_twin | ` + named + ` | key: user_id = "u" | filter: [1]`,
		},
		"with hash and sort": {
			request: with(scores, terms(between("score", n(-1.5), n("2e1")), eq("user_id", s("u"))), forced("user_twin")),
			want:    `query global user_twin | ` + named + ` | key: user_id = "u" and score between -1.5..2e1`,
		},
		"though the table serves better": {
			request: with(scores, id(gt("position", n(1)), eq("user_id", s("u"))), forced("user_idx")),
			want:    `query global user_idx | ` + named + ` | key: user_id = "u" | filter: [0 1 2]`,
		},
		"without its hash": {
			request: with(scores, id(gt("score", n(1))), forced("user_idx")),
			want:    `scan global user_idx | ` + named + ` | filter: [0 1 2]`,
		},
		"its hash under another operator": {
			request: with(scores, terms(gt("user_id", s("u"))), forced("user_idx")),
			want:    `scan global user_idx | ` + named + ` | filter: [0]`,
		},
		"without conditions": {
			request: with(scores, nil, forced("user_part")),
			want:    `scan global user_part | ` + named + ` | partial`,
		},
		"without its hash, with a filter on what it does not project": {
			request: with(scores, terms(gt("lives", n(1))), forced("user_part")),
			err:     "index: index user_part: attribute lives: a filter reads it, and the index does not project it",
		},
		"a scan asked for": {
			request: with(scores, terms(eq("user_id", s("u"))), forced("user_idx"), scan),
			want:    `scan global user_idx | ` + named + ` | filter: [0]`,
		},
		"a scan of a local one, which fetches the rest": {
			request: with(scores, nil, forced("score_part")),
			want:    `scan local score_part | ` + named + ` | fetch`,
		},
		"a local one": {
			request: with(scores, id(eq("user_id", s("u"))), forced("score_idx")),
			want:    `query local score_idx | ` + named + ` | key: id = "m|42" | filter: [2]`,
		},
		"a local one, consistently": {
			request: with(scores, id(lte("score", n(1))), forced("score_idx"), consistent),
			want:    `query local score_idx | ` + named + ` | key: id = "m|42" and score <= 1`,
		},
		"a global one, consistently": {
			request: with(scores, terms(eq("user_id", s("u"))), forced("user_idx"), consistent),
			err:     "index: index user_idx: a global index has no consistent reads",
		},
		"a scan of a global one, consistently": {
			request: with(scores, nil, forced("user_idx"), scan, consistent),
			err:     "index: index user_idx: a global index has no consistent reads",
		},
	})
}

// Rule D1: one condition a key, and what DynamoDB refuses of keys.
func TestChooseRefusals(t *testing.T) {
	t.Parallel()
	const one = "a key takes one condition; only >= and <= fold into one"
	const filter = "a query can't filter on its own key, and the condition is no key condition"
	plain := planner.Request{Key: key.Spec{Hash: key.String("pk"), Range: key.String("sk")}}
	pk := func(more ...planner.Term) []planner.Term { return append(terms(eq("pk", s("p"))), more...) }
	check(t, map[string]row{
		">= and <= fold": {
			request: with(scores, id(gte("position", n(3)), lte("position", n(9)))),
			want:    `query | ` + tableSort + ` | key: id = "m|42" and position between 3..9`,
		},
		"<= and >= fold": {
			request: with(scores, id(lte("position", n(9)), gte("position", n(9)))),
			want:    `query | ` + tableSort + ` | key: id = "m|42" and position between 9..9`,
		},
		"> and <": {
			request: with(scores, id(gt("position", n(3)), lt("position", n(9)))),
			err:     "index: attribute position: " + one,
		},
		">= twice": {
			request: with(scores, id(gte("position", n(3)), gte("position", n(4)))),
			err:     "index: attribute position: " + one,
		},
		">=, <= and one more": {
			request: with(scores, id(gte("position", n(3)), lte("position", n(4)), gt("position", n(1)))),
			err:     "index: attribute position: " + one,
		},
		"= and a range": {
			request: with(scores, id(gt("position", n(1)), eq("position", n(4)))),
			err:     "index: attribute position: " + one,
		},
		"= twice on the sort key": {
			request: with(scores, id(eq("position", n(1)), eq("position", n(4)))),
			err:     "index: attribute position: " + one,
		},
		"= twice on the hash key": {
			request: with(plain, pk(eq("pk", s("p")))),
			err:     "index: attribute pk: " + one,
		},
		"= twice on a part": {
			request: with(scores, id(eq("model_id", s("other")))),
			want:    `query | ` + tableHash + ` | key: id = "m|42" | filter: [2]`,
		},
		"two conditions that a local index takes as a filter": {
			request: with(scores, id(gt("position", n(3)), lt("position", n(9)), gt("score", n(1)))),
			want:    `query local score_part | ` + localSort + ` | key: id = "m|42" and score > 1 | filter: [2 3] | fetch`,
		},
		"two conditions, an index by name": {
			request: with(scores, terms(eq("user_id", s("u")), gt("score", n(1)), lt("score", n(3))), forced("user_idx")),
			err:     "index: index user_idx: attribute score: " + one,
		},
		"bounds reversed": {
			request: with(scores, id(between("position", n(10), n(9)))),
			err:     "index: attribute position: the bounds of between are reversed",
		},
		"bounds reversed, as text they are not": {
			request: with(scores, id(between("position", n(9), n(10)))),
			want:    `query | ` + tableSort + ` | key: id = "m|42" and position between 9..10`,
		},
		"bounds reversed by folding": {
			request: with(scores, id(gte("position", n("1e2")), lte("position", n(99.5)))),
			err:     "index: attribute position: the bounds of between are reversed",
		},
		"bounds reversed in a filter": {
			request: with(scores, terms(between("lives", s("b"), s("a")))),
			err:     "index: attribute lives: the bounds of between are reversed",
		},
		"bounds of bytes reversed": {
			request: with(scores, terms(between("lives", b("\x02"), b("\x01\x09"))), scan),
			err:     "index: attribute lives: the bounds of between are reversed",
		},
		"bounds beyond what a number holds are left to DynamoDB": {
			request: with(scores, id(between("position", n("nonsense"), n(9)))),
			want:    `query | ` + tableSort + ` | key: id = "m|42" and position between nonsense..9`,
		},
		"another type on the sort key": {
			request: with(scores, id(gt("position", s("7")))),
			err:     "index: attribute position: a key of type N is compared with another type",
		},
		"a prefix of a number": {
			request: with(scores, id(begins("position", s("7")))),
			err:     "index: attribute position: a key of type N is compared with another type",
		},
		"bounds of two types": {
			request: with(scores, id(between("position", n(1), s("7")))),
			err:     "index: attribute position: a key of type N is compared with another type",
		},
		"another type on the hash key": {
			request: with(plain, terms(eq("pk", n(7)))),
			err:     "index: attribute pk: a key of type S is compared with another type",
		},
		"another type on the hash key, and a condition on the sort key": {
			request: with(plain, terms(eq("pk", null), gt("sk", s("a")))),
			err:     "index: attribute pk: a key of type S is compared with another type",
		},
		"another type on a part of the hash key": {
			request: with(scores, terms(eq("model_id", s("m")), eq("account_id", s("42")))),
			err:     "index: attribute id: the parts make no key: key: id: part account_id: want an integer",
		},
		"another type on the hash key of an index by name": {
			request: with(scores, terms(eq("user_id", truth)), forced("user_idx")),
			err:     "index: index user_idx: attribute user_id: a key of type S is compared with another type",
		},
		"another type on the hash key of an index": {
			request: with(scores, terms(eq("user_id", n(7)))),
			want:    `scan | ` + none + ` | filter: [0] | unserved: [user_id] | suggest: index.Global("...", key.Number("user_id"))`,
		},
		"an empty hash key": {
			request: with(plain, terms(eq("pk", s("")))),
			err:     "index: attribute pk: a key is never empty, and DynamoDB refuses to compare it with what is",
		},
		"an empty prefix": {
			request: with(plain, pk(begins("sk", s("")))),
			err:     "index: attribute sk: a key is never empty, and DynamoDB refuses to compare it with what is",
		},
		"an empty prefix, which a local index would not take": {
			request: with(scores, id(begins("email", s("")))),
			want:    `query | ` + tableHash + ` | key: id = "m|42" | filter: [2]`,
		},
		"empty bytes on the hash key of an index by name": {
			request: with(scores, terms(eq("digest", b(""))), forced("blob_idx")),
			err:     "index: index blob_idx: attribute digest: a key is never empty, and DynamoDB refuses to compare it with what is",
		},
		"what only a filter can, on the sort key": {
			request: with(plain, pk(other("sk"))),
			err:     "index: attribute sk: " + filter,
		},
		"what only a filter can, on the hash key": {
			request: with(plain, pk(other("pk"))),
			err:     "index: attribute pk: " + filter,
		},
		"a range on the hash key beside its equality": {
			request: with(plain, pk(gt("pk", s("a")))),
			err:     "index: attribute pk: " + one,
		},
		"a compound term that touches the sort key": {
			request: with(plain, pk(either("name", "sk"))),
			err:     "index: attribute sk: " + filter,
		},
		"what only a filter can, beside a key condition": {
			request: with(plain, pk(gt("sk", s("a")), other("sk"))),
			err:     "index: attribute sk: " + filter,
		},
	})
}

// The suggestion is a declaration that DynamoDB would take.
func TestSuggest(t *testing.T) {
	t.Parallel()
	check(t, map[string]row{
		"no equality": {
			request: with(scores, terms(gt("lives", n(1)))),
			want:    `scan | ` + none + ` | filter: [0] | unserved: [lives]`,
		},
		"an equality with what can't be a key": {
			request: with(scores, terms(eq("active", truth), eq("nick", null), eq("level", b("x")))),
			want:    `scan | ` + none + ` | filter: [0 1 2] | unserved: [active nick level] | suggest: index.Global("...", key.Binary("level"))`,
		},
		"equality and range on one attribute": {
			request: with(scores, terms(eq("level", s("x")), gt("level", s("a")))),
			want:    `scan | ` + none + ` | filter: [0 1] | unserved: [level] | suggest: index.Global("...", key.String("level"))`,
		},
		"the first of each": {
			request: with(scores, terms(other("tags"), lt("a", n(1)), eq("b", s("x")), eq("c", s("x")), begins("d", s("y")))),
			want: `scan | ` + none + ` | filter: [0 1 2 3 4] | unserved: [tags a b c d] | ` +
				`suggest: index.Global("...", key.String("b"), key.Number("a"))`,
		},
	})
}

func TestNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, noConds, planner.RuleNoConditions.String())
	assert.Equal(t, "Rule(99)", planner.Rule(99).String())
}

func TestPlanErrorIsTyped(t *testing.T) {
	t.Parallel()
	_, err := planner.Choose(with(scores, terms(eq("model_id", n(1)), eq("account_id", n(42)))))
	var plan *planner.Error
	require.ErrorAs(t, err, &plan)
	assert.Equal(t, "id", plan.Attr)
	require.ErrorIs(t, err, index.ErrPlan)
	require.ErrorIs(t, err, key.ErrKey)

	_, err = planner.Choose(with(scores, nil, forced("nope")))
	require.EqualError(t, err, `index: "nope": not declared`)
	assert.ErrorIs(t, err, index.ErrIndex)
}
