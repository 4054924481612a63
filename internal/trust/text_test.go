package trust_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// A word has text wherever an item can.
type word struct {
	Team    string               `dynamodbav:"team"`
	Part    string               `dynamodbav:"part"`
	Name    string               `dynamodbav:"name"`
	Tags    []string             `dynamodbav:"tags,stringset"`
	List    []string             `dynamodbav:"list"`
	Map     map[string]string    `dynamodbav:"map"`
	Any     any                  `dynamodbav:"any"`
	Raw     types.AttributeValue `dynamodbav:"raw"`
	Version int                  `dynamodbav:"version"`
}

var (
	wordTeam = cond.Field(func(w *word) *string { return &w.Team })
	wordName = cond.Field(func(w *word) *string { return &w.Name })
	wordTags = cond.Field(func(w *word) *[]string { return &w.Tags })
	wordList = cond.Field(func(w *word) *[]string { return &w.List })
	wordMap  = cond.Field(func(w *word) *map[string]string { return &w.Map })
	wordAny  = cond.Field(func(w *word) *any { return &w.Any })
)

func wordSpec() repo.Spec {
	return repo.Spec{
		Table: "words", Key: key.Spec{Hash: key.Composite("id", key.String("team"), key.String("part")), Range: key.String("name")},
		Indexes: []index.Spec{index.Global("teams", key.String("team"), key.String("name"))},
		Lock:    lock.Version("version"), Loose: []string{"loose"},
		Unique: []repo.Unique{repo.UniqueOn(wordTeam)},
	}
}

// TestTextIsUTF8: text that is not UTF-8 becomes other text on its way, in silence,
// so that it is refused: by every verb, as key, value, element, map key, name and
// token, by each way, before any request, by the name of its field.
func TestTextIsUTF8(t *testing.T) {
	t.Parallel()
	const bad = "good\xff"
	good := key.Of("t", "p").Range("n")
	ctx := t.Context()
	items := map[string]word{
		"team": {Team: bad, Part: "p", Name: "n"}, "part": {Team: "t", Part: bad, Name: "n"}, "name": {Team: "t", Part: "p", Name: bad},
		"tags": {Team: "t", Part: "p", Name: "n", Tags: []string{"a", bad}}, "list": {Team: "t", Part: "p", Name: "n", List: []string{bad}},
		"map": {Team: "t", Part: "p", Name: "n", Map: map[string]string{bad: "v"}}, "any": {Team: "t", Part: "p", Name: "n", Any: map[string]any{"k": bad}},
		"raw": {Team: "t", Part: "p", Name: "n", Raw: &types.AttributeValueMemberSS{Value: []string{bad}}},
	}
	type call struct {
		field string // "" where there is none to be named
		do    func(r *repo.Repo[word]) error
	}
	calls := map[string]call{
		"TransactOnce, token": {do: func(r *repo.Repo[word]) error { return r.DB().TransactOnce(ctx, bad, r.Ops().Delete(good)) }},
		"cond.Name": {do: func(r *repo.Repo[word]) error {
			_, err := r.Scan().Where(cond.Name[word](bad).Exists()).Collect(ctx)
			return err
		}},
		"cond.Name, change": {do: func(r *repo.Repo[word]) error {
			_, err := r.Update(ctx, good, cond.Name[word]("map."+bad).Remove())
			return err
		}},
		"Project": {do: func(r *repo.Repo[word]) error { _, err := r.Scan().Project(bad).Collect(ctx); return err }},
		"Filter, value": {do: func(r *repo.Repo[word]) error {
			_, err := r.Scan().Filter(expression.Name("name").Equal(expression.Value(bad))).Collect(ctx)
			return err
		}},
		"Filter, name": {do: func(r *repo.Repo[word]) error {
			_, err := r.Scan().Filter(expression.AttributeExists(expression.Name(bad))).Collect(ctx)
			return err
		}},
		"Sort": {do: func(r *repo.Repo[word]) error {
			_, err := r.Query(key.Of("t", "p")).Sort(expression.Key("name").GreaterThan(expression.Value(bad))).Collect(ctx)
			return err
		}},
		"Index": {do: func(r *repo.Repo[word]) error { _, err := r.Scan().Index(bad).Collect(ctx); return err }},
	}
	for field, w := range items {
		of := func(do func(r *repo.Repo[word], w *word) error) call {
			return call{field, func(r *repo.Repo[word]) error { return do(r, &w) }}
		}
		for verb, do := range map[string]func(r *repo.Repo[word], w *word) error{
			"Create":  func(r *repo.Repo[word], w *word) error { return r.Create(ctx, w) },
			"Put":     func(r *repo.Repo[word], w *word) error { return r.Put(ctx, w) },
			"Save":    func(r *repo.Repo[word], w *word) error { return r.Save(ctx, w) },
			"Destroy": func(r *repo.Repo[word], w *word) error { return r.Destroy(ctx, w) },
			"SaveChanges": func(r *repo.Repo[word], w *word) error {
				before := word{Team: "t", Part: "p", Name: "n", Version: 1}
				after := *w
				after.Version = 1
				return r.SaveChanges(ctx, &before, &after)
			},
			"Batch":    func(r *repo.Repo[word], w *word) error { return r.DB().Batch(ctx, r.Overwrite().Ops().Put(w)) },
			"Transact": func(r *repo.Repo[word], w *word) error { return r.DB().Transact(ctx, r.Ops().Create(w)) },
			"StartAfter": func(r *repo.Repo[word], w *word) error {
				_, err := r.Query(key.Of("t", "p")).StartAfter(*w).Collect(ctx)
				return err
			},
		} {
			keyed := field == "team" || field == "part" || field == "name"
			if !keyed && (verb == "StartAfter" || verb == "Destroy") {
				continue // which need the key alone
			}
			calls[verb+", "+field] = of(do)
		}
	}
	for field, k := range map[string]key.Value{
		"team": key.Of(bad, "p").Range("n"), "part": key.Of("t", bad).Range("n"), "name": key.Of("t", "p").Range(bad),
	} {
		for verb, do := range map[string]func(r *repo.Repo[word]) error{
			"Get":     func(r *repo.Repo[word]) error { _, err := r.Get(ctx, k); return err },
			"Load":    func(r *repo.Repo[word]) error { _, err := r.Load(repo.WithIdentityMap(ctx), k); return err },
			"Exists":  func(r *repo.Repo[word]) error { _, err := r.Exists(ctx, k); return err },
			"GetMany": func(r *repo.Repo[word]) error { _, err := r.GetMany(ctx, []key.Value{good, k}); return err },
			"TransactGet": func(r *repo.Repo[word]) error {
				var w word
				return r.DB().TransactGet(ctx, r.Into(k, &w))
			},
			"Delete": func(r *repo.Repo[word]) error { return r.Delete(ctx, k) },
			"Touch":  func(r *repo.Repo[word]) error { _, err := r.Update(ctx, k, wordAny.Set(1)); return err },
			"Upsert": func(r *repo.Repo[word]) error { _, err := r.Upsert(ctx, k, wordAny.Set(1)); return err },
			"Increment": func(r *repo.Repo[word]) error {
				_, err := repo.Increment(ctx, r, k, cond.Field(func(w *word) *int { return &w.Version }), 1)
				return err
			},
			"Batch":    func(r *repo.Repo[word]) error { return r.DB().Batch(ctx, r.Ops().Delete(k)) },
			"Transact": func(r *repo.Repo[word]) error { return r.DB().Transact(ctx, r.Ops().Check(k)) },
			"StartAfter": func(r *repo.Repo[word]) error {
				_, err := r.Query(key.Of("t", "p")).StartAfter(k).Collect(ctx)
				return err
			},
		} {
			calls[verb+" by key, "+field] = call{field, do}
		}
	}
	for field, k := range map[string]key.Value{"team": key.Of(bad, "p"), "part": key.Of("t", bad)} {
		calls["Query, "+field] = call{field, func(r *repo.Repo[word]) error { _, err := r.Query(k).Collect(ctx); return err }}
		calls["Count, "+field] = call{field, func(r *repo.Repo[word]) error { _, err := r.Query(k).Count(ctx); return err }}
		calls["DeleteAll, "+field] = call{field, func(r *repo.Repo[word]) error { _, err := r.Query(k).DeleteAll(ctx); return err }}
	}
	for name, c := range map[string]struct {
		field string
		cond  cond.Cond[word]
	}{
		"Eq": {"name", wordName.Eq(bad)}, "Ne": {"name", wordName.Ne(bad)}, "Lt": {"name", wordName.Lt(bad)}, "Gte": {"name", wordName.Gte(bad)},
		"Between": {"name", wordName.Between("a", bad)}, "BeginsWith": {"name", wordName.BeginsWith(bad)}, "In": {"name", wordName.In("a", bad)},
		"Contains": {"name", wordName.Contains(bad)}, "Contains of a set": {"tags", wordTags.Contains(bad)},
		"NotContains of a list": {"list", wordList.NotContains(bad)}, "Eq of a map": {"map", wordMap.Eq(map[string]string{"k": bad})},
		"Eq of any": {"any", wordAny.Eq(bad)}, "of a name": {"loose", cond.Name[word]("loose").Eq(bad)}, "Not": {"name", cond.Not(wordName.Eq(bad))},
	} {
		calls["Where, "+name] = call{c.field, func(r *repo.Repo[word]) error { _, err := r.Scan().Where(c.cond).Collect(ctx); return err }}
		calls["If, "+name] = call{c.field, func(r *repo.Repo[word]) error { return r.If(c.cond).Delete(ctx, good) }}
		calls["Check, "+name] = call{c.field, func(r *repo.Repo[word]) error { return r.DB().Transact(ctx, r.Ops().Check(good, c.cond)) }}
	}
	for name, c := range map[string]struct {
		field  string
		change cond.Change[word]
	}{
		"Set": {"team", wordTeam.Set(bad)}, "SetIfMissing": {"any", wordAny.SetIfMissing(bad)}, "Set of a set": {"tags", wordTags.Set([]string{bad})},
		"Add to a set": {"tags", wordTags.Add([]string{bad})}, "DeleteFromSet": {"tags", wordTags.DeleteFromSet([]string{bad})},
		"Append": {"list", wordList.Append([]string{bad})}, "Prepend": {"list", wordList.Prepend([]string{bad})},
		"Set of a map": {"map", wordMap.Set(map[string]string{bad: "v"})}, "Set of a name": {"loose", cond.Name[word]("loose").Set(bad)},
		"Set within": {"map", cond.Name[word]("map.k").Set(bad)},
	} {
		calls["Update, "+name] = call{c.field, func(r *repo.Repo[word]) error { _, err := r.Update(ctx, good, c.change); return err }}
		calls["Upsert, "+name] = call{c.field, func(r *repo.Repo[word]) error { _, err := r.Upsert(ctx, good, c.change); return err }}
		calls["Transact, "+name] = call{c.field, func(r *repo.Repo[word]) error { return r.DB().Transact(ctx, r.Ops().Update(good, c.change)) }}
		calls["Query.Update, "+name] = call{c.field, func(r *repo.Repo[word]) error {
			_, err := r.Query(key.Of("t", "p")).Update(ctx, c.change)
			return err
		}}
	}
	for _, way := range ways {
		l := &liar{answer: func(string, int) *http.Response { return answer(200, "{}") }}
		r, err := repo.New[word](notes(t, way, l).DB(), wordSpec())
		require.NoError(t, err)
		for name, c := range calls {
			l.n.Store(0)
			err := c.do(r)
			if !assert.ErrorIs(t, err, repo.ErrInvalid, "%s, %s", way, name) {
				continue
			}
			assert.Zero(t, l.n.Load(), "%s, %s", way, name)
			assert.Contains(t, err.Error(), c.field, "%s, %s", way, name)
			if c.field != "" {
				assert.NotContains(t, err.Error(), bad, "%s, %s", way, name)
			}
		}
	}
}

// TestTextIsWhole: what is UTF-8 comes back as it was, from every place, by each
// way, on the engine: delimiters, NUL, what is not in the basic plane.
func TestTextIsWhole(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, way := range ways {
		r := words(t, way)
		for _, text := range []string{
			"|", "%", "%7C", "||", "a|b", "a%7Cb", "\x00", "a\x00b", "\x1f", "\x7f", "é", "e\u0301", "日本", "😀", "👩‍👩‍👧", "\u2028", "\ufffd", "\ufeffa", "\U0010ffff",
			"#", ":v", "attribute_exists(x)", `"`, `\`, `\u0000`, "</script>", "\r\n", " ", " a ", strings.Repeat("é", 512), strings.Repeat("x", 1000),
		} {
			w := word{
				Team: text, Part: text, Name: text, Tags: []string{text}, List: []string{text, ""}, Map: map[string]string{text: text}, Any: text,
				Raw: &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{text: &types.AttributeValueMemberS{Value: text}}},
			}
			err := r.Create(ctx, &w)
			if 2*len(text)+1 > 2048 { // of the composite
				require.ErrorIs(t, err, repo.ErrInvalid, way)
				continue
			}
			require.NoError(t, err, "%s, %q", way, text)
			k := key.Of(text, text).Range(text)
			got, err := r.Get(ctx, k)
			require.NoError(t, err, "%s, %q", way, text)
			assert.Equal(t, w, got)
			for name, q := range map[string]repo.Query[word]{
				"query": r.Query(key.Of(text, text)), "sorted": r.Query(key.Of(text, text)).Where(wordName.Eq(text)), "index": r.Query(key.Of(text)).Index("teams"),
				"prefix": r.Query(key.Of(text, text)).Where(wordName.BeginsWith(text)),
				"filter": r.Query(key.Of(text, text)).Where(wordTags.Contains(text), wordList.Contains(text), wordAny.Eq(text), wordMap.Eq(w.Map)),
				"named":  r.Scan().Where(wordTeam.Eq(text), cond.Name[word]("any").In(text, "other")),
			} {
				all, err := q.Collect(ctx)
				require.NoError(t, err, "%s, %s, %q", way, name, text)
				assert.Equal(t, []word{w}, all, "%s, %s, %q", way, name, text)
			}
			require.ErrorIs(t, r.Create(ctx, &word{Team: text, Part: "other", Name: "n"}), repo.ErrUnique)
			w.Any = text + text
			require.NoError(t, r.Save(ctx, &w))
			require.NoError(t, r.Destroy(ctx, &w))
			_, err = r.Get(ctx, k)
			require.ErrorIs(t, err, repo.ErrNotFound)
		}
	}
}
