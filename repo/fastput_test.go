package repo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
)

// parcel has keys of every kind that the fast path tells apart.
type parcel struct {
	Shop    string         `dynamodbav:"shop"`
	Number  int64          `dynamodbav:"number"`
	Weight  float64        `dynamodbav:"weight"`
	City    string         `dynamodbav:"city"`
	Street  string         `dynamodbav:"street,omitempty"`
	Owner   string         `dynamodbav:"owner"`
	Label   []byte         `dynamodbav:"label"`
	Day     time.Time      `dynamodbav:"day"`
	Tags    []string       `dynamodbav:"tags,stringset"`
	Notes   []string       `dynamodbav:"notes,omitempty"`
	More    map[string]any `dynamodbav:"more"`
	Inner   *cartLine      `dynamodbav:"inner"`
	Version int            `dynamodbav:"version"`
}

func parcelSpec() repo.Spec {
	return repo.Spec{
		Table: "parcels",
		Key:   key.Spec{Hash: key.Composite("pk", key.Literal("P"), key.String("shop"), key.Int("number")), Range: key.Number("weight")},
		Indexes: []index.Spec{
			index.Global("place_idx", key.Composite("place", key.String("city"), key.String("street"))),
			index.Global("owner_idx", key.String("owner"), key.String("day")),
			index.Global("label_idx", key.Binary("label")),
		},
		Lock: lock.Version("version"),
	}
}

var oddTexts = []string{
	"", "a", "a|b", "50%", "%7C", "\x00\x01\x1f", "\"quoted\\\"", "<&>\u2028\u2029", "\xff\xfe invalid", "é世界😀", "\ufffd", "\n\t\r", strings.Repeat("x", 1100),
}

// random returns a parcel whose fields are odd.
func random(rnd *rand.Rand) parcel {
	text := func() string { return oddTexts[rnd.IntN(len(oddTexts))] }
	numbers := []float64{0, 1, -1, 0.1, 1e21, -1e-7, 123456789.125, math.MaxInt32, math.NaN(), math.Inf(1)}
	p := parcel{
		Shop: text(), Number: rnd.Int64N(5) - 2, Weight: numbers[rnd.IntN(len(numbers))], City: text(), Street: text(), Owner: text(),
		Day: time.Unix(rnd.Int64N(1e9), rnd.Int64N(2)*5).UTC(), Version: rnd.IntN(3),
	}
	if rnd.IntN(2) == 0 {
		p.Label = []byte(text())
	}
	for range rnd.IntN(4) {
		if s := text(); !slices.Contains(p.Tags, s) {
			p.Tags = append(p.Tags, s)
		}
		p.Notes = append(p.Notes, text())
	}
	if rnd.IntN(2) == 0 {
		valid := func() string { return strings.ToValidUTF8(text(), "?") } // of two faults any may be told
		p.More = map[string]any{valid(): valid(), "n": rnd.IntN(9), "l": []any{true, nil, valid()}}
		p.Inner = &cartLine{SKU: text()}
	}
	if rnd.IntN(20) == 0 {
		p.Notes = append(p.Notes, strings.Repeat("large ", rnd.IntN(140<<10/2)))
	}
	return p
}

// sent is what was sent, as the service reads it.
func sent(tb testing.TB, tr *faults.Transport) []any {
	tb.Helper()
	var all []any
	for _, req := range tr.Requests("*") {
		d := json.NewDecoder(bytes.NewReader(req.Body))
		d.UseNumber()
		var body any
		require.NoError(tb, d.Decode(&body))
		all = append(all, body)
	}
	return all
}

// wrapped is a client of the user's own around the SDK's.
type wrapped struct{ repo.Client }

// TestParity: the same writes send the same requests, store the same items, set
// the same in memory and fail the same on the fast path, on the standard one,
// and through a client that wraps another.
func TestParity(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	type path struct {
		r  *repo.Repo[parcel]
		tr *faults.Transport
	}
	now := func(c *repo.Config) { c.Now = func() time.Time { return noon } }
	paths := map[string]path{}
	db, tr := open(t, now, func(c *repo.Config) { c.StandardCodec = false })
	r := create[parcel](t, db, parcelSpec())
	paths["fast"] = path{r, tr}
	for name, edit := range map[string]func(*dynamodb.Client, *repo.Config) repo.Client{
		"standard": func(c *dynamodb.Client, cfg *repo.Config) repo.Client { cfg.StandardCodec = true; return c },
		"wrapped":  func(c *dynamodb.Client, _ *repo.Config) repo.Client { return wrapped{c} },
	} {
		cfg := db.Config()
		client, err := repo.NewDB(edit(db.Client().(*dynamodb.Client), &cfg), &cfg)
		require.NoError(t, err)
		again, err := repo.New[parcel](client, parcelSpec())
		require.NoError(t, err)
		paths[name] = path{again, tr}
	}
	type outcome struct {
		item string
		err  string
		sent []any
		kept []av
	}
	raw := db.Client().(*dynamodb.Client)
	refused := 0
	for n := range 120 {
		item := random(rnd)
		kind := rnd.IntN(5)
		outcomes := map[string]outcome{}
		for name, p := range paths {
			mine := item
			tr.Reset()
			err := parcelWrite(t.Context(), p.r, kind, &mine)
			o := outcome{item: fmt.Sprintf("%+v", mine), sent: sent(t, tr)}
			if err != nil {
				o.err = err.Error()
			}
			if kind == 2 {
				for _, body := range o.sent {
					delete(body.(map[string]any), "ClientRequestToken")
				}
			}
			out, scanErr := raw.Scan(t.Context(), &dynamodb.ScanInput{TableName: new(p.r.Table())})
			require.NoError(t, scanErr)
			o.kept = out.Items
			for _, m := range out.Items {
				_, delErr := raw.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: new(p.r.Table()), Key: av{"pk": m["pk"], "weight": m["weight"]}})
				require.NoError(t, delErr)
			}
			outcomes[name] = o
		}
		if outcomes["fast"].err != "" {
			refused++
		}
		for _, name := range slices.Sorted(maps.Keys(outcomes)) {
			want, got := outcomes["standard"], outcomes[name]
			require.Equal(t, want.err, got.err, "%s: item %d", name, n)
			require.Equal(t, want.item, got.item, "%s: item %d in memory", name, n)
			require.True(t, assert.ObjectsAreEqual(want.sent, got.sent), "%s: request of item %d", name, n)
			require.True(t, assert.ObjectsAreEqual(want.kept, got.kept), "%s: item %d as stored", name, n)
		}
	}
	assert.Greater(t, refused, 5)
	assert.Less(t, refused, 100)
}

// parcelWrite writes by one of the ways to put, or to delete in a batch.
func parcelWrite(ctx context.Context, r *repo.Repo[parcel], kind int, p *parcel) error {
	switch kind {
	case 0:
		return r.Create(ctx, p)
	case 1:
		return r.Overwrite().Save(ctx, p)
	case 2:
		return r.DB().Transact(ctx, r.Ops().Create(p))
	case 3:
		return r.DB().Batch(ctx, r.Overwrite().Ops().Put(p))
	default:
		return r.DB().Batch(ctx, r.Overwrite().Ops().Destroy(p))
	}
}
