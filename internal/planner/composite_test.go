package planner_test

import (
	"math"
	"testing"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/planner"
	"github.com/dynarepo/dynarepo/key"
)

// Rule K4: prefixes of a composite sort key, and ranges over its next part.
func TestChooseComposite(t *testing.T) {
	t.Parallel()
	// Sortable integers in the middle and at the end, a string at the end.
	log := planner.Request{
		Key: key.Spec{
			Hash:  key.String("pk"),
			Range: key.Composite("sk", key.String("app"), key.Int("day").Sortable(), key.String("name")),
		},
		Indexes: []index.Spec{
			index.Local("num", key.Composite("num_sk", key.String("kind"), key.Int("seq").Sortable())),
			index.Local("plain", key.Composite("plain_sk", key.String("tag"), key.Int("size"))),
			index.Local("one", key.Composite("one_sk", key.String("word"))),
			index.Local("path", key.Composite("path_sk", key.String("folder"), key.String("file")).Delimiter("/")),
			index.Local("ended", key.Composite("ended_sk", key.String("folder"), key.Int("rank").Sortable(), key.Literal("END"))),
		},
	}
	pk := func(more ...planner.Term) []planner.Term { return append(terms(eq("pk", s("p"))), more...) }
	app := func(more ...planner.Term) []planner.Term { return pk(append(terms(eq("app", s("a"))), more...)...) }
	kind := func(more ...planner.Term) []planner.Term { return pk(append(terms(eq("kind", s("a"))), more...)...) }
	file := func(more ...planner.Term) []planner.Term { return pk(append(terms(eq("folder", s("f"))), more...)...) }
	const (
		sorted = `query | ` + tableSort + ` | key: pk = "p" and `
		five   = "10000000000000000005"
		nine   = "10000000000000000009"
		least  = "00000000000000000000"
		most   = "19223372036854775807"
	)
	check(t, map[string]row{
		"every part": {
			request: with(log, app(eq("day", n(5)), eq("name", s("x|y")))),
			want:    sorted + `sk = "a|` + five + `|x%7Cy"`,
		},
		"a leading part": {
			request: with(log, app()),
			want:    sorted + `sk begins_with "a|"`,
		},
		"two leading parts": {
			request: with(log, app(eq("day", n(5)))),
			want:    sorted + `sk begins_with "a|` + five + `|"`,
		},
		"a leading part and one that does not follow": {
			request: with(log, app(eq("name", s("x")))),
			want:    sorted + `sk begins_with "a|" | filter: [2]`,
		},
		"no leading part": {
			request: with(log, pk(eq("name", s("x")))),
			want:    `query | ` + tableHash + ` | key: pk = "p" | filter: [1]`,
		},
		"a range, sortable, in the middle": {
			request: with(log, app(between("day", n(5), n(9)))),
			want:    sorted + `sk between "a|` + five + `".."a|` + nine + `}"`,
		},
		"> in the middle": {
			request: with(log, app(gt("day", n(4)))),
			want:    sorted + `sk between "a|` + five + `".."a|` + most + `}"`,
		},
		">= in the middle": {
			request: with(log, app(gte("day", n("+5")))),
			want:    sorted + `sk between "a|` + five + `".."a|` + most + `}"`,
		},
		"< in the middle": {
			request: with(log, app(lt("day", n(10)))),
			want:    sorted + `sk between "a|` + least + `".."a|` + nine + `}"`,
		},
		"<= in the middle": {
			request: with(log, app(lte("day", n(9)))),
			want:    sorted + `sk between "a|` + least + `".."a|` + nine + `}"`,
		},
		">= and <= in the middle fold": {
			request: with(log, app(lte("day", n(9)), gte("day", n(5)))),
			want:    sorted + `sk between "a|` + five + `".."a|` + nine + `}"`,
		},
		"> and < in the middle stay a filter": {
			request: with(log, app(gt("day", n(4)), lt("day", n(9)))),
			want:    sorted + `sk begins_with "a|" | filter: [2 3]`,
		},
		"a range over the first part": {
			request: with(log, pk(between("seq", n(1), n(2)))),
			want:    `query | ` + tableHash + ` | key: pk = "p" | filter: [1]`,
		},
		"a range behind a range": {
			request: with(log, app(gte("day", n(5)), gte("name", s("x")))),
			want:    sorted + `sk between "a|` + five + `".."a|` + most + `}" | filter: [3]`,
		},
		"nothing is greater than the greatest": {
			request: with(log, app(gt("day", n(int64(math.MaxInt64))))),
			want:    sorted + `sk begins_with "a|" | filter: [2]`,
		},
		"nothing is less than the least": {
			request: with(log, app(lt("day", n(int64(math.MinInt64))))),
			want:    sorted + `sk begins_with "a|" | filter: [2]`,
		},
		"bounds that are no integers stay a filter": {
			request: with(log, app(gte("day", n("4.5")))),
			want:    sorted + `sk begins_with "a|" | filter: [2]`,
		},
		"bounds of another type stay a filter": {
			request: with(log, app(gte("day", s("5")))),
			want:    sorted + `sk begins_with "a|" | filter: [2]`,
		},
		"a prefix of an integer stays a filter": {
			request: with(log, app(begins("day", s("5")))),
			want:    sorted + `sk begins_with "a|" | filter: [2]`,
		},
		"bounds reversed": {
			request: with(log, app(between("day", n(10), n(9)))),
			err:     "index: attribute day: the bounds of between are reversed",
		},
		"bounds reversed by folding": {
			request: with(log, app(gte("day", n(10)), lte("day", n(9)))),
			err:     "index: attribute day: the bounds of between are reversed",
		},
		"a range, sortable, at the end": {
			request: with(log, kind(between("seq", n(-1), n(5))), forced("num")),
			want:    `query local num | ` + named + ` | key: pk = "p" and num_sk between "a|09223372036854775807".."a|` + five + `"`,
		},
		"> at the end": {
			request: with(log, kind(gt("seq", n(8))), forced("num")),
			want:    `query local num | ` + named + ` | key: pk = "p" and num_sk between "a|` + nine + `".."a|` + most + `"`,
		},
		"a range before a literal": {
			request: with(log, file(lte("rank", n(5))), forced("ended")),
			want:    `query local ended | ` + named + ` | key: pk = "p" and ended_sk between "f|` + least + `".."f|` + five + `|END"`,
		},
		"a range over plain integers stays a filter": {
			request: with(log, pk(eq("tag", s("t")), between("size", n(1), n(20)))),
			want:    `query local plain | ` + localSort + ` | key: pk = "p" and plain_sk begins_with "t|" | filter: [2]`,
		},
		"a prefix of the first part": {
			request: with(log, pk(begins("app", s("a|b%")))),
			want:    sorted + `sk begins_with "a%7Cb%25"`,
		},
		"an empty prefix of the first part stays a filter": {
			request: with(log, pk(begins("app", s("")))),
			want:    `query | ` + tableHash + ` | key: pk = "p" | filter: [1]`,
		},
		"an empty bound of a composite of one string stays a filter": {
			request: with(log, pk(gte("word", s("")))),
			want:    `query | ` + tableHash + ` | key: pk = "p" | filter: [1]`,
		},
		"a prefix of the last part": {
			request: with(log, file(begins("file", s("x")))),
			want:    `query local path | ` + localSort + ` | key: pk = "p" and path_sk begins_with "f/x"`,
		},
		"an empty prefix of the last part": {
			request: with(log, file(begins("file", s("")))),
			want:    `query local path | ` + localSort + ` | key: pk = "p" and path_sk begins_with "f/"`,
		},
		"a range over a string in the first place stays a filter": {
			request: with(log, pk(gt("kind", s("a")))),
			want:    `query | ` + tableHash + ` | key: pk = "p" | filter: [1]`,
		},
		"between at the end, strings": {
			request: with(log, file(between("file", s("a%"), s("c")))),
			want:    `query local path | ` + localSort + ` | key: pk = "p" and path_sk between "f/a%25".."f/c"`,
		},
		"> at the end, strings": {
			request: with(log, file(gt("file", s("a")))),
			want:    `query local path | ` + localSort + ` | key: pk = "p" and path_sk between "f/a\x00".."f0"`,
		},
		">= at the end, strings": {
			request: with(log, file(gte("file", s("a")))),
			want:    `query local path | ` + localSort + ` | key: pk = "p" and path_sk between "f/a".."f0"`,
		},
		"<= at the end, strings": {
			request: with(log, file(lte("file", s("a")))),
			want:    `query local path | ` + localSort + ` | key: pk = "p" and path_sk between "f/".."f/a"`,
		},
		"< at the end, strings, lets one too many in": {
			request: with(log, file(lt("file", s("a")))),
			want:    `query local path | ` + localSort + ` | key: pk = "p" and path_sk between "f/".."f/a" | filter: [2]`,
		},
		"a bound that holds the delimiter stays a filter": {
			request: with(log, file(gte("file", s("a/b")))),
			want:    `query local path | ` + localSort + ` | key: pk = "p" and path_sk begins_with "f/" | filter: [2]`,
		},
		"an upper bound that holds the delimiter stays a filter": {
			request: with(log, file(between("file", s("."), s("/")))),
			want:    `query local path | ` + localSort + ` | key: pk = "p" and path_sk begins_with "f/" | filter: [2]`,
		},
		"a bound of another type": {
			request: with(log, file(gte("file", n(1))), forced("path")),
			err:     "index: index path: attribute path_sk: the parts make no key: key: path_sk: part file: want a string",
		},
		"a composite of one string": {
			request: with(log, pk(lt("word", s("b")))),
			want:    `query local one | ` + localSort + ` | key: pk = "p" and one_sk < "b"`,
		},
		"a composite of one string, between": {
			request: with(log, pk(between("word", s("a"), s("b")))),
			want:    `query local one | ` + localSort + ` | key: pk = "p" and one_sk between "a".."b"`,
		},
		"a condition on the composite itself": {
			request: with(log, app(gt("sk", s("a|"+five)))),
			want:    sorted + `sk > "a|` + five + `" | filter: [1]`,
		},
		"a leading part of another type": {
			request: with(log, pk(eq("app", n(1)))),
			err:     "index: attribute sk: the parts make no prefix: key: sk: part app: want a string",
		},
		"every part, one of another type": {
			request: with(log, app(eq("day", s("x")), eq("name", s("y")))),
			err:     "index: attribute sk: the parts make no key: key: sk: part day: want an integer",
		},
	})
}

// A part that is in the hash key as well is known of both.
func TestChooseSharedPart(t *testing.T) {
	t.Parallel()
	shared := planner.Request{Key: key.Spec{
		Hash:  key.Composite("pk", key.Literal("SHOP"), key.String("shop")),
		Range: key.Composite("sk", key.String("shop"), key.Int("no")),
	}}
	check(t, map[string]row{
		"equal": {
			request: with(shared, terms(eq("shop", s("a")))),
			want:    `query | ` + tableSort + ` | key: pk = "SHOP|a" and sk begins_with "a|"`,
		},
		"equal, and the rest": {
			request: with(shared, terms(eq("no", n(7)), eq("shop", s("a")))),
			want:    `query | ` + tableSort + ` | key: pk = "SHOP|a" and sk = "a|7"`,
		},
	})
}

// Rule K7: literals are in what is sent without being asked for.
func TestChooseLiterals(t *testing.T) {
	t.Parallel()
	orders := planner.Request{
		Key: key.Spec{
			Hash:  key.Composite("pk", key.Literal("SHOP"), key.String("shop")),
			Range: key.Composite("sk", key.Literal("ORDER"), key.String("state"), key.Int("no").Sortable()),
		},
		Indexes: []index.Spec{
			index.Global("by_user", key.String("user"), key.Composite("gsk", key.Literal("U"), key.Int("day").Sortable())),
			index.Global("by_state", key.Composite("gpk", key.Literal("STATE"), key.String("state"))),
			index.Local("by_day", key.Int("day")),
			index.Global("inverted", key.Composite("sk", key.Literal("ORDER"), key.String("state"), key.Int("no").Sortable()), key.String("user")),
			index.Local("by_name", key.Composite("name_sk", key.Literal("N"), key.String("name"))),
		},
	}
	shop := func(more ...planner.Term) []planner.Term { return append(terms(eq("shop", s("a"))), more...) }
	const both = `pk begins_with "SHOP|" and sk begins_with "ORDER|"`
	check(t, map[string]row{
		"the hash key alone implies the sort key's": {
			request: with(orders, shop(), literals),
			want:    `query | ` + tableHash + ` | key: pk = "SHOP|a" and sk begins_with "ORDER|"`,
		},
		"not if other models are to be seen": {
			request: with(orders, shop()),
			want:    `query | ` + tableHash + ` | key: pk = "SHOP|a"`,
		},
		"a prefix holds it anyway": {
			request: with(orders, shop(eq("state", s("open")))),
			want:    `query | ` + tableSort + ` | key: pk = "SHOP|a" and sk begins_with "ORDER|open|"`,
		},
		"a range holds it anyway": {
			request: with(orders, shop(eq("state", s("open")), lte("no", n(0))), literals),
			want:    `query | ` + tableSort + ` | key: pk = "SHOP|a" and sk between "ORDER|open|00000000000000000000".."ORDER|open|10000000000000000000"`,
		},
		"a range over the part behind it": {
			request: with(orders, shop(begins("name", s("b"))), literals),
			want:    `query local by_name | ` + localSort + ` | key: pk = "SHOP|a" and name_sk begins_with "N|b" | literals: sk begins_with "ORDER|"`,
		},
		"a range over strings behind it ends with it": {
			request: with(orders, shop(gte("name", s("b"))), literals),
			want:    `query local by_name | ` + localSort + ` | key: pk = "SHOP|a" and name_sk between "N|b".."N}" | literals: sk begins_with "ORDER|"`,
		},
		"a condition on the sort key takes its place": {
			request: with(orders, shop(gt("sk", s("ORDER|b"))), literals),
			want:    `query | ` + tableSort + ` | key: pk = "SHOP|a" and sk > "ORDER|b"`,
		},
		"a scan": {
			request: with(orders, nil, literals),
			want:    `scan | ` + noConds + ` | literals: ` + both,
		},
		"a scan for all models": {
			request: with(orders, nil),
			want:    `scan | ` + noConds,
		},
		"a forced scan": {
			request: with(orders, terms(gt("total", n(1))), literals),
			want:    `scan | ` + none + ` | filter: [0] | literals: ` + both + ` | unserved: [total]`,
		},
		"a query of a global index": {
			request: with(orders, terms(eq("user", s("u"))), forced("by_user"), literals),
			want:    `query global by_user | ` + named + ` | key: user = "u" and gsk begins_with "U|" | literals: ` + both,
		},
		"a query of a global index by a range": {
			request: with(orders, terms(eq("user", s("u")), gt("day", n(-1))), literals),
			want: `query global by_user | ` + globalSort +
				` | key: user = "u" and gsk between "U|10000000000000000000".."U|19223372036854775807" | literals: ` + both,
		},
		"a query of a global index by its own literal": {
			request: with(orders, terms(eq("state", s("x"))), literals),
			want:    `query global by_state | ` + globalHash + ` | key: gpk = "STATE|x" | literals: ` + both,
		},
		"a query of an index whose key is the table's": {
			request: with(orders, terms(eq("state", s("x")), eq("no", n(0)), eq("user", s("u"))), forced("inverted"), literals),
			want: `query global inverted | ` + named +
				` | key: sk = "ORDER|x|10000000000000000000" and user = "u" | literals: pk begins_with "SHOP|"`,
		},
		"a query of a local index": {
			request: with(orders, shop(eq("day", n(1))), literals),
			want:    `query local by_day | ` + localSort + ` | key: pk = "SHOP|a" and day = 1 | literals: sk begins_with "ORDER|"`,
		},
		"a scan of an index": {
			request: with(orders, nil, forced("by_user"), literals),
			want:    `scan global by_user | ` + named + ` | literals: gsk begins_with "U|" and ` + both,
		},
		"a scan of an index whose key is the table's": {
			request: with(orders, nil, forced("inverted"), literals),
			want:    `scan global inverted | ` + named + ` | literals: sk begins_with "ORDER|" and pk begins_with "SHOP|"`,
		},
	})
}

// Rule K6: all hash attributes equal, sort attributes from left to right.
func TestChooseMulti(t *testing.T) {
	t.Parallel()
	games := planner.Request{
		Key: key.Spec{Hash: key.String("id")},
		Indexes: []index.Spec{
			index.Global("multi",
				key.Multi(key.String("league"), key.Int("season")),
				key.Multi(key.String("team"), key.Composite("when", key.Int("year").Sortable(), key.Int("day").Sortable()), key.Number("score"))),
		},
	}
	match := func(more ...planner.Term) []planner.Term {
		return append(terms(eq("season", n(3)), eq("league", s("l"))), more...)
	}
	const (
		hash   = ` | key: league = "l" and season = 3`
		sorted = `query global multi | ` + globalSort + hash
		filter = ": a query can't filter on its own key, and the condition is no key condition"
		y9     = "10000000000000000009"
	)
	check(t, map[string]row{
		"all hash attributes": {
			request: with(games, match()),
			want:    `query global multi | ` + globalHash + hash,
		},
		"some hash attributes": {
			request: with(games, terms(eq("league", s("l")), eq("team", s("t")))),
			want: `scan | ` + none + ` | filter: [0 1] | unserved: [league team] | ` +
				`suggest: index.Global("...", key.String("league"))`,
		},
		"some hash attributes, by name": {
			request: with(games, terms(eq("league", s("l"))), forced("multi")),
			want:    `scan global multi | ` + named + ` | filter: [0]`,
		},
		"a hash attribute in a range": {
			request: with(games, terms(eq("league", s("l")), gt("season", n(3))), forced("multi")),
			want:    `scan global multi | ` + named + ` | filter: [0 1]`,
		},
		"a range over the first sort attribute": {
			request: with(games, match(begins("team", s("t")))),
			want:    sorted + ` and team begins_with "t"`,
		},
		"equality, then a range over parts of a composite": {
			request: with(games, match(eq("team", s("t")), eq("year", n(9)))),
			want:    sorted + ` and team = "t" and when begins_with "` + y9 + `|"`,
		},
		"every sort attribute": {
			request: with(games, match(eq("team", s("t")), eq("year", n(9)), eq("day", n(9)), lt("score", n(7)))),
			want:    sorted + ` and team = "t" and when = "` + y9 + `|` + y9 + `" and score < 7`,
		},
		"the second sort attribute alone": {
			request: with(games, match(eq("when", s("x"))), forced("multi")),
			err:     "index: index multi: attribute when" + filter,
		},
		"parts of the second sort attribute alone": {
			request: with(games, match(eq("year", n(9)))),
			want:    `query global multi | ` + globalHash + hash + ` | filter: [2]`,
		},
		"behind a range": {
			request: with(games, match(gt("team", s("t")), eq("score", n(1))), forced("multi")),
			err:     "index: index multi: attribute score" + filter,
		},
		"behind a range, not by name": {
			request: with(games, match(gt("team", s("t")), eq("score", n(1)))),
			want: `scan | ` + none + ` | filter: [0 1 2 3] | unserved: [season league team score] | ` +
				`suggest: index.Global("...", key.Number("season"), key.String("team"))`,
		},
		"another type": {
			request: with(games, match(eq("team", n(1))), forced("multi")),
			err:     "index: index multi: attribute team: a key of type S is compared with another type",
		},
	})
}

// Rule F7: an item whose string parts are all empty has no composite of an
// index, but the table's own.
func TestChooseEmptyParts(t *testing.T) {
	t.Parallel()
	people := planner.Request{
		Key: key.Spec{Hash: key.Composite("pk", key.String("country"), key.String("city")), Range: key.String("sk")},
		Indexes: []index.Spec{
			index.Global("name", key.Composite("gpk", key.String("last"), key.String("first"))),
			index.Local("house", key.Composite("lsk", key.String("street"), key.Int("no"))),
			index.Global("again", key.Composite("pk", key.String("country"), key.String("city")), key.String("last")),
		},
	}
	check(t, map[string]row{
		"one empty part": {
			request: with(people, terms(eq("last", s("")), eq("first", s("x")))),
			want:    `query global name | ` + globalHash + ` | key: gpk = "|x"`,
		},
		"all empty": {
			request: with(people, terms(eq("last", s("")), eq("first", s("")))),
			want: `scan | ` + none + ` | filter: [0 1] | unserved: [last first] | ` +
				`suggest: index.Global("...", key.String("last"))`,
		},
		"all empty, by name": {
			request: with(people, terms(eq("last", s("")), eq("first", s(""))), forced("name")),
			err:     "index: index name: attribute gpk: an item whose string parts are all empty is not in the index",
		},
		"all empty, of the table": {
			request: with(people, terms(eq("country", s("")), eq("city", s("")))),
			want:    `query | ` + tableHash + ` | key: pk = "|"`,
		},
		"all empty, of an index that has the table's": {
			request: with(people, terms(eq("country", s("")), eq("city", s("")), eq("last", s("l"))), forced("again")),
			want:    `query global again | ` + named + ` | key: pk = "|" and last = "l"`,
		},
		"an integer does not count": {
			request: with(people, terms(eq("country", s("")), eq("city", s("x")), eq("street", s("")), eq("no", n(0)))),
			want:    `query | ` + tableHash + ` | key: pk = "|x" | filter: [2 3]`,
		},
	})
}
