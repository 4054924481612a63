package stream_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/stream"
)

const exact = attributevalue.Number("12345678901234567890123456789012345678")

// TestChanges: kinds, images and exact numbers, in order.
func TestChanges(t *testing.T) {
	t.Parallel()
	r, tr := accounts(t, types.StreamViewTypeNewAndOldImages)
	first := account{ID: "a", Name: "Ann", Balance: exact, Tags: []string{"x", "y"}, Raw: []byte{0, 255}}
	second := account{ID: "a", Name: "Anne", Balance: "-1.5"}
	put(t, r, first, second)
	require.NoError(t, r.Delete(t.Context(), key.Of("a")))

	tr.Reset()
	s := read(t, r, nil)
	all := drain(t, s)
	require.Len(t, all, 3)
	assert.Equal(t, []stream.Kind{stream.Insert, stream.Modify, stream.Remove}, []stream.Kind{all[0].Kind, all[1].Kind, all[2].Kind})
	assert.Nil(t, all[0].Old)
	assert.Equal(t, &first, all[0].New)
	assert.Equal(t, &first, all[1].Old)
	assert.Equal(t, &second, all[1].New)
	assert.Equal(t, &second, all[2].Old)
	assert.Nil(t, all[2].New)
	for _, c := range all {
		assert.Equal(t, map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "a"}}, c.Keys)
		assert.WithinDuration(t, time.Now(), c.Time, time.Minute)
		assert.NotEmpty(t, c.Shard)
		assert.NotEmpty(t, c.Sequence)
		assert.False(t, c.Expired)
	}
	assert.Equal(t, 1, tr.Count("DescribeTable"))
	assert.Equal(t, 1, tr.Count("DescribeStream"))
	assert.Zero(t, s.Skipped())
	assert.Empty(t, drain(t, s), "ranging again goes on behind the last one")
}

// TestViews: what a view leaves out is nil.
func TestViews(t *testing.T) {
	t.Parallel()
	for view, want := range map[types.StreamViewType][2]bool{
		types.StreamViewTypeKeysOnly:        {false, false},
		types.StreamViewTypeOldImage:        {true, false},
		types.StreamViewTypeNewImage:        {false, true},
		types.StreamViewTypeNewAndOldImages: {true, true},
	} {
		t.Run(string(view), func(t *testing.T) {
			t.Parallel()
			r, _ := accounts(t, view)
			put(t, r, account{ID: "a", Name: "1"}, account{ID: "a", Name: "2"})
			all := drain(t, read(t, r, nil))
			require.Len(t, all, 2)
			assert.Equal(t, want, [2]bool{all[1].Old != nil, all[1].New != nil})
			assert.Len(t, all[1].Keys, 1)
		})
	}
}

// TestReplay: whatever was written comes back, each change once and behind the
// one before it, however often the reader is stopped and begun anew.
func TestReplay(t *testing.T) {
	t.Parallel()
	r, tr := accounts(t, types.StreamViewTypeNewAndOldImages)
	seed := rand.Uint64()
	t.Log("seed", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	want, changes := map[string]account{}, 0
	for i := range 400 {
		a := account{ID: fmt.Sprint(rnd.IntN(20)), Name: fmt.Sprint(i), Balance: exact}
		if _, there := want[a.ID]; rnd.IntN(4) > 0 {
			put(t, r, a)
			want[a.ID] = a
			changes++
		} else {
			require.NoError(t, r.Delete(t.Context(), key.Of(a.ID)))
			if delete(want, a.ID); there {
				changes++
			}
		}
	}
	tr.On("GetRecords").Every(7).Times(5).Do(faults.Error(400, "ExpiredIteratorException"))
	tr.On("GetRecords").Every(5).Times(5).Do(faults.CutAfter())
	tr.On("GetShardIterator").Every(3).Times(5).Do(faults.Error(400, "LimitExceededException"))
	got, seen, from := map[string]account{}, 0, stream.Checkpoint{}
	for runs := 0; seen < changes; runs++ {
		require.Less(t, runs, changes+50, "it gets on")
		s := read(t, r, &stream.Options{From: kept(t, from), BatchSize: 1 + rnd.IntN(30)})
		left := rnd.IntN(60)
		for c, err := range s.Changes(t.Context()) {
			require.NoError(t, err)
			id := c.Keys["id"].(*types.AttributeValueMemberS).Value
			if old, ok := got[id]; ok {
				assert.Equal(t, &old, c.Old)
			} else {
				assert.Nil(t, c.Old)
			}
			if delete(got, id); c.New != nil {
				got[id] = *c.New
			}
			seen++
			if left--; left <= 0 {
				break
			}
		}
		from = s.Checkpoint()
	}
	assert.Equal(t, want, got)
	assert.Equal(t, changes, seen)
	assert.Empty(t, drain(t, read(t, r, &stream.Options{From: from})))
}

// TestFollow: changes are waited for until the context ends, and the loop ends
// by itself once the stream is off and read out.
func TestFollow(t *testing.T) {
	t.Parallel()
	r, _ := accounts(t, types.StreamViewTypeNewImage)
	put(t, r, account{ID: "0"})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := read(t, r, &stream.Options{Follow: true, Interval: 10 * time.Millisecond})
	var ids []string
	var last error
	for c, err := range s.Changes(ctx) {
		if last = err; err != nil {
			continue
		}
		if ids = append(ids, c.New.ID); len(ids) == 3 {
			cancel()
			continue
		}
		put(t, r, account{ID: fmt.Sprint(len(ids))})
	}
	require.ErrorIs(t, last, context.Canceled)
	assert.Equal(t, []string{"0", "1", "2"}, ids)

	put(t, r, account{ID: "3"})
	disable(t, r)
	all := drain(t, s)
	require.Len(t, all, 1, "an error loses nothing")
	assert.Equal(t, "3", all[0].New.ID)
	assert.Empty(t, drain(t, s))
}

// TestLatest: only what comes from now on, in this run and in the next.
func TestLatest(t *testing.T) {
	t.Parallel()
	r, _ := accounts(t, types.StreamViewTypeNewImage)
	put(t, r, account{ID: "before"})
	s := read(t, r, &stream.Options{Latest: true})
	assert.Empty(t, drain(t, s))
	begun := kept(t, s.Checkpoint())
	put(t, r, account{ID: "behind"})
	all := drain(t, s)
	require.Len(t, all, 1)
	assert.Equal(t, "behind", all[0].New.ID)

	resumed := drain(t, read(t, r, &stream.Options{From: begun}))
	require.NotEmpty(t, resumed, "a shard that gave nothing yet is read from about where it was begun")
	assert.Equal(t, "behind", resumed[len(resumed)-1].New.ID)
	begun.Since = time.Now().Add(time.Hour)
	assert.Empty(t, drain(t, read(t, r, &stream.Options{From: begun})), "what is older is passed over")
	_, err := stream.New(r, &stream.Options{Latest: true, From: begun})
	require.ErrorIs(t, err, repo.ErrInvalid)
}

// TestBadItem: an item that does not fit is the error of its change alone.
func TestBadItem(t *testing.T) {
	t.Parallel()
	r, _ := accounts(t, types.StreamViewTypeNewImage)
	put(t, r, account{ID: "a"})
	table := r.Table()
	_, err := r.DB().Client().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: "secret"}, "name": &types.AttributeValueMemberL{},
	}})
	require.NoError(t, err)
	put(t, r, account{ID: "c"})
	s := read(t, r, nil)
	var bad []error
	var good []string
	for c, err := range s.Changes(t.Context()) {
		if err != nil {
			bad = append(bad, err)
			assert.Equal(t, &types.AttributeValueMemberS{Value: "secret"}, c.Keys["id"])
			assert.Nil(t, c.New)
			continue
		}
		good = append(good, c.New.ID)
	}
	require.Len(t, bad, 1)
	require.ErrorIs(t, bad[0], repo.ErrDecode)
	assert.NotContains(t, bad[0].Error(), "secret")
	assert.Equal(t, []string{"a", "c"}, good)
	for _, err := range s.Changes(t.Context()) {
		require.NoError(t, err, "it was handed out")
	}
}

type order struct {
	ID   string `dynamodbav:"id"`
	Kind string `dynamodbav:"kind"`
}

type line struct {
	ID string `dynamodbav:"id"`
	No int    `dynamodbav:"no"`
}

// TestForeign: items of other models in the table are passed over (rule K7).
func TestForeign(t *testing.T) {
	t.Parallel()
	for _, view := range []types.StreamViewType{types.StreamViewTypeNewAndOldImages, types.StreamViewTypeKeysOnly} {
		t.Run(string(view), func(t *testing.T) {
			t.Parallel()
			db, _ := open(t)
			pk := key.Composite("pk", key.Literal("ORDER"), key.String("id"))
			orders := model[order](t, db, repo.Spec{Table: "shop", Key: key.Spec{Hash: pk, Range: key.Composite("sk", key.Literal("HEAD"), key.String("kind"))}})
			lines := model[line](t, db, repo.Spec{Table: "shop", Key: key.Spec{Hash: pk, Range: key.Composite("sk", key.Literal("LINE"), key.Int("no"))}})
			enable(t, orders, view)
			require.NoError(t, orders.Create(t.Context(), &order{ID: "1", Kind: "web"}))
			for no := range 3 {
				require.NoError(t, lines.Create(t.Context(), &line{ID: "1", No: no}))
			}
			s := read(t, orders, nil)
			assert.Len(t, drain(t, s), 1)
			assert.Equal(t, 3, s.Skipped())
			assert.Len(t, drain(t, read(t, lines, nil)), 3)
		})
	}
}

// TestMarkers: what keeps values unique is no change of an item (rule F8).
func TestMarkers(t *testing.T) {
	t.Parallel()
	for _, view := range []types.StreamViewType{types.StreamViewTypeNewAndOldImages, types.StreamViewTypeKeysOnly} {
		t.Run(string(view), func(t *testing.T) {
			t.Parallel()
			db, _ := open(t)
			spec := accountSpec
			spec.Unique = []repo.Unique{repo.UniqueOn(cond.Field(func(a *account) *string { return &a.Name }))}
			r := model[account](t, db, spec)
			enable(t, r, view)
			require.NoError(t, r.Create(t.Context(), &account{ID: "a", Name: "Ann"}))
			require.NoError(t, r.Delete(t.Context(), key.Of("a")))
			s := read(t, r, nil)
			all := drain(t, s)
			require.Len(t, all, 2)
			assert.Equal(t, []stream.Kind{stream.Insert, stream.Remove}, []stream.Kind{all[0].Kind, all[1].Kind})
			assert.Equal(t, 2, s.Skipped())
		})
	}
	_, err := offline(t, func(s *repo.Spec) {
		s.Unique = []repo.Unique{repo.UniqueOn(cond.Field(func(a *account) *string { return &a.Name }))}
	}).DecodeJSON([]byte(`{"id":{"S":"~unique|name|SAnn"},"~owner":{"M":{"id":{"S":"a"}}}}`))
	require.ErrorIs(t, err, repo.ErrForeign)
}

// TestCheckpoints: one that does not belong, or whose shard is gone, is told.
func TestCheckpoints(t *testing.T) {
	t.Parallel()
	r, tr := accounts(t, types.StreamViewTypeNewImage)
	put(t, r, account{ID: "a"})
	s := read(t, r, nil)
	assert.Equal(t, stream.Checkpoint{}, s.Checkpoint())
	drain(t, s)
	at := s.Checkpoint()

	other := at
	other.Stream += "x"
	require.ErrorIs(t, failure(t, read(t, r, &stream.Options{From: other})), stream.ErrCheckpoint)

	gone := at
	gone.Shards = maps.Clone(at.Shards)
	gone.Shards["shardId-gone"] = stream.Mark{Sequence: "1"}
	err := failure(t, read(t, r, &stream.Options{From: gone}))
	require.ErrorIs(t, err, stream.ErrTrimmed)
	var typed *stream.Error
	require.ErrorAs(t, err, &typed)
	assert.Equal(t, "shardId-gone", typed.Shard)
	assert.Empty(t, drain(t, read(t, r, &stream.Options{From: gone, AllowTrimmed: true})))
	gone.Shards["shardId-gone"] = stream.Mark{Done: true}
	fine := read(t, r, &stream.Options{From: gone})
	assert.Empty(t, drain(t, fine))
	assert.NotContains(t, fine.Checkpoint().Shards, "shardId-gone", "what was read and is gone is forgotten")

	tr.On("GetShardIterator").Times(1).Do(faults.Error(400, "TrimmedDataAccessException"))
	require.ErrorIs(t, failure(t, read(t, r, &stream.Options{From: at})), stream.ErrTrimmed)
	tr.On("GetShardIterator").Times(1).Do(faults.Error(400, "TrimmedDataAccessException"))
	assert.Len(t, drain(t, read(t, r, &stream.Options{From: at, AllowTrimmed: true})), 1, "the shard is read from its beginning")
}

// failure returns the error that ends the loop.
func failure[T any](t *testing.T, s *stream.Stream[T]) error {
	t.Helper()
	var all []error
	for _, err := range s.Changes(t.Context()) {
		all = append(all, err)
	}
	require.Len(t, all, 1)
	require.Error(t, all[0])
	return all[0]
}

// TestFailures: errors are typed, name the table and quote nothing.
func TestFailures(t *testing.T) {
	t.Parallel()
	none, _ := accounts(t, "")
	err := failure(t, read(t, none, nil))
	require.ErrorIs(t, err, stream.ErrNoStream)
	assert.Equal(t, "stream: Changes "+none.Table()+": no such stream", err.Error())

	r, tr := accounts(t, types.StreamViewTypeNewImage)
	put(t, r, account{ID: "a"})
	for _, fault := range []struct {
		op, code string
		times    int
		is       error
	}{
		{"DescribeStream", "ResourceNotFoundException", 1, stream.ErrNoStream},
		{"GetRecords", "ValidationException", 1, nil},
		{"GetShardIterator", "ExpiredIteratorException", 3, nil},
	} {
		s := read(t, r, nil)
		tr.On(fault.op).Times(fault.times).Do(faults.Error(400, fault.code))
		err := failure(t, s)
		if fault.is != nil {
			require.ErrorIs(t, err, fault.is)
		} else {
			assert.Contains(t, err.Error(), fault.code)
		}
		assert.Len(t, drain(t, s), 1, "nothing is lost")
	}
	_, err = stream.New[account](nil, nil)
	require.ErrorIs(t, err, repo.ErrInvalid)
	_, err = stream.New(r, &stream.Options{Interval: -1, BatchSize: 1001, Concurrency: -1})
	require.ErrorIs(t, err, repo.ErrInvalid)
	for _, field := range []string{"Interval", "BatchSize", "Concurrency"} {
		assert.Contains(t, err.Error(), field)
	}
}

// TestWrappedClient: a client that can't say how to reach streams needs one
// beside it.
func TestWrappedClient(t *testing.T) {
	t.Parallel()
	r, _ := accounts(t, types.StreamViewTypeNewImage)
	db, err := repo.NewDB(struct{ repo.Client }{r.DB().Client()}, nil)
	require.NoError(t, err)
	wrapped, err := repo.New[account](db, accountSpec)
	require.NoError(t, err)
	_, err = stream.New(wrapped, nil)
	require.ErrorIs(t, err, stream.ErrClient)
}

// TestBreak: a loop that is left keeps its place.
func TestBreak(t *testing.T) {
	t.Parallel()
	r, _ := accounts(t, types.StreamViewTypeNewImage)
	var want, got []string
	for i := range 10 {
		want = append(want, fmt.Sprint(i))
		put(t, r, account{ID: want[i]})
	}
	s := read(t, r, nil)
	for len(got) < len(want) {
		for c, err := range s.Changes(t.Context()) {
			require.NoError(t, err)
			got = append(got, c.New.ID)
			break
		}
	}
	assert.ElementsMatch(t, want, got)
}

// TestExpired: what DynamoDB removed by its TTL is told from what a user did
// (rule J4).
func TestExpired(t *testing.T) {
	t.Parallel()
	type session struct {
		ID   string `dynamodbav:"id"`
		Ends int64  `dynamodbav:"ends"`
	}
	db, tr := open(t)
	r := model[session](t, db, repo.Spec{Table: "sessions", Key: key.Spec{Hash: key.String("id")}, TTL: repo.TTL{Attr: "ends"}})
	enable(t, r, types.StreamViewTypeNewAndOldImages)
	ended := session{ID: "ended", Ends: time.Now().Add(-time.Hour).Unix()}
	require.NoError(t, r.Create(t.Context(), &ended))
	require.NoError(t, r.Create(t.Context(), &session{ID: "deleted"}))
	require.NoError(t, r.Delete(t.Context(), key.Of("deleted")))
	removed := map[string]bool{}
	for c, err := range read(t, r, &stream.Options{Follow: true, Interval: 50 * time.Millisecond}).Changes(t.Context()) {
		require.NoError(t, err)
		if c.Kind == stream.Remove {
			removed[c.Old.ID] = c.Expired
		}
		if len(removed) == 2 {
			break
		}
	}
	assert.Equal(t, map[string]bool{"ended": false, "deleted": false}, removed, "the engine does not tell who it was")

	tr.On("GetRecords").Do(faults.Answer(func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`"eventName":"REMOVE"`),
			[]byte(`"eventName":"REMOVE","userIdentity":{"Type":"Service","PrincipalId":"dynamodb.amazonaws.com"}`))
	}))
	for _, c := range drain(t, read(t, r, nil)) {
		assert.Equal(t, c.Kind == stream.Remove && c.Old.ID == "deleted", c.Expired)
	}
}
