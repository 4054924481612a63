package trust_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// TestForgedCursors: a token that was made for one tenant, table or query is no
// token of another, signed or not, nor is one that was changed anywhere; no request
// is sent for it.
func TestForgedCursors(t *testing.T) {
	t.Parallel()
	l := &liar{answer: func(string, int) *http.Response { return answer(200, page(0, 0, "", "")) }}
	base := notes(t, "lean", l).DB()
	of := func(namespace, table string, keys ...string) *repo.Repo[note] {
		cfg := repo.Config{Namespace: namespace}
		for _, k := range keys {
			cfg.CursorKeys = append(cfg.CursorKeys, []byte(k))
		}
		db, err := repo.NewDB(base.Client(), &cfg)
		require.NoError(t, err)
		spec := notes(t, "lean", l).Spec()
		spec.Table = table
		r, err := repo.New[note](db, spec)
		require.NoError(t, err)
		return r
	}
	const secret, older = "0123456789abcdef", "fedcba9876543210"
	at := note{Team: "t", At: 5, Code: "c"}
	queries := func(r *repo.Repo[note]) map[string]repo.Query[note] {
		return map[string]repo.Query[note]{
			"partition": r.Query(key.Of("t")), "backwards": r.Query(key.Of("t")).Descending(), "another": r.Query(key.Of("u")),
			"index": r.Query(key.Of("c")).Index("codes").Partial(), "scan": r.Scan(), "scan of index": r.Scan().Index("codes").Partial(),
			"segments": r.Scan().Segments(2),
		}
	}
	for _, keys := range [][]string{nil, {secret}} {
		all := map[string]repo.Query[note]{}
		tokens := map[string]string{}
		for name, r := range map[string]*repo.Repo[note]{
			"": of("a", "notes", keys...), "tenant, ": of("b", "notes", keys...), "table, ": of("a", "papers", keys...),
			"name, ": of("a", "notes_", keys...), "key, ": of("a", "notes", append([]string{older}, keys...)...),
		} {
			for query, q := range queries(r) {
				all[name+query] = q
				if query == "another" {
					continue // at is not in it
				}
				if c, err := q.CursorAfter(at); err == nil {
					tokens[name+query] = c.String()
				}
			}
		}
		require.Greater(t, len(tokens), 20)
		for from, token := range tokens {
			c, err := dyniter.ParseCursor(token)
			require.NoError(t, err)
			for to, q := range all {
				l.n.Store(0)
				_, err := q.From(c).Collect(t.Context())
				of, newer := strings.CutPrefix(from, "key, ")
				in, rotated := strings.CutPrefix(to, "key, ")
				if of == in && (newer == rotated || rotated && keys != nil) {
					require.NoError(t, err, "%s to %s", from, to)
					continue
				}
				require.ErrorIs(t, err, dyniter.ErrCursor, "%s to %s", from, to)
				assert.Zero(t, l.n.Load(), "%s to %s", from, to)
			}
		}
		raw, err := base64.RawURLEncoding.DecodeString(tokens["partition"])
		require.NoError(t, err)
		took := 0
		for i := range raw {
			for _, change := range []func([]byte) []byte{
				func(b []byte) []byte { b[i] ^= 1; return b }, func(b []byte) []byte { b[i] = 0xff; return b }, func(b []byte) []byte { return b[:i] },
				func(b []byte) []byte { return append(b[:i:i], append([]byte{'t'}, b[i:]...)...) },
			} {
				forged := change(append([]byte(nil), raw...))
				l.n.Store(0)
				c, err := dyniter.ParseCursor(base64.RawURLEncoding.EncodeToString(forged))
				if err == nil && !c.IsZero() {
					_, err = all["partition"].From(c).Collect(t.Context())
				}
				if err == nil {
					took++
					continue
				}
				require.ErrorIs(t, err, dyniter.ErrCursor)
				assert.Zero(t, l.n.Load())
			}
		}
		if keys != nil {
			assert.LessOrEqual(t, took, 1, "that which leaves nothing is the first page")
			continue
		}
		// Not signed, the number of the place may be changed, and nothing else of it.
		assert.LessOrEqual(t, took, 4)
	}
}

// hostileNames are names that a user may give an attribute.
var hostileNames = []string{
	"name", "size", "status", "#0", "#n", ":v0", "a b", " a", "a ", "a-b", "_a", "a:b", "a,b", "a=b", "a AND b", "(a)", "attribute_exists(a)", `"`, `\`, "'", "a\x00b",
	"\n", "é", "日本", "😀", "%", "|", "*", "?", "$", "{}", "NULL", "true", "0", "1e5", "--", "a;b", "SET", "REMOVE a", strings.Repeat("x", 255), strings.Repeat("y", 5000),
}

// TestHostileNames: whatever name an attribute has, it is that one that is set,
// compared and removed.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, way := range ways {
		r := words(t, way)
		w := word{Team: "t", Part: "p", Name: "n", Map: map[string]string{}}
		for _, n := range hostileNames {
			w.Map[n] = "v" + n
		}
		require.NoError(t, r.Create(ctx, &w))
		k := key.Of("t", "p").Range("n")
		for i, n := range hostileNames {
			at := cond.Name[word]("map." + n)
			got, err := r.If(at.Eq("v"+n)).Update(ctx, k, at.Set(fmt.Sprint(i)))
			require.NoError(t, err, "%s, %q", way, n)
			w.Map[n] = fmt.Sprint(i)
			require.Equal(t, w.Map, got.Map, "%s, %q", way, n)
			all, err := r.Query(key.Of("t", "p")).Where(at.Eq(fmt.Sprint(i)), cond.Name[word]("map."+n+"x").NotExists()).Project("map").Collect(ctx)
			require.NoError(t, err, "%s, %q", way, n)
			require.Len(t, all, 1)
		}
		for _, n := range hostileNames[:10] {
			got, err := r.Update(ctx, k, cond.Name[word]("map."+n).Remove())
			require.NoError(t, err)
			delete(w.Map, n)
			require.Equal(t, w.Map, got.Map, "%s, %q", way, n)
		}
		for _, n := range []string{"", ".", "a..b", "a[", "a[-1]", "a[x]", "a]", "[0]", "a[99999999999]", "map." + strings.Repeat("a.", 40)} {
			_, err := r.Update(ctx, k, cond.Name[word](n).Set("v"))
			require.Error(t, err, "%s, %q", way, n)
			_, typed := errors.AsType[*repo.Error](err)
			assert.True(t, typed)
		}
	}
}

// TestOperators: 300 operators of an expression are taken, more are an error, and
// nothing in between is lost.
func TestOperators(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	r := words(t, "lean")
	require.NoError(t, r.Create(ctx, &word{Team: "t", Part: "p", Name: "n"}))
	k := key.Of("t", "p").Range("n")
	ors := func(n int) cond.Cond[word] {
		all := make([]cond.Cond[word], n)
		for i := range all {
			all[i] = cond.Name[word]("loose").Eq(i)
		}
		all[n-1] = wordName.Eq("n")
		return cond.Or(all...)
	}
	for _, n := range []int{2, 100, 149, 150, 151, 200, 300, 301, 600} {
		got, err := r.Scan().Where(ors(n)).Collect(ctx)
		_, wrote := r.If(ors(n)).Update(ctx, k, wordAny.Set(n))
		api, answered := errors.AsType[smithy.APIError](err)
		refused := errors.Is(err, repo.ErrInvalid) || answered && api.ErrorCode() == "ValidationException"
		if n < 150 { // a comparison and an OR each, and one for the markers of unique values
			require.NoError(t, err, n)
			assert.Len(t, got, 1)
			require.NoError(t, wrote, n)
			continue
		}
		if err == nil {
			assert.Len(t, got, 1)
			continue
		}
		assert.True(t, refused, "%d: %v", n, err)
	}
}
