package stream_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/stream"
)

func event(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/event.json")
	require.NoError(t, err)
	return data
}

// offline is a model of which nothing is sent.
func offline(t testing.TB, edit ...func(*repo.Spec)) *repo.Repo[account] {
	t.Helper()
	spec := accountSpec
	for _, f := range edit {
		f(&spec)
	}
	db, err := repo.Open(context.Background(), &repo.Config{Endpoint: "http://127.0.0.1:1"})
	require.NoError(t, err)
	r, err := repo.New[account](db, spec)
	require.NoError(t, err)
	return r
}

// TestParse: an event is the changes that a reader of the stream would give.
func TestParse(t *testing.T) {
	t.Parallel()
	changes, err := stream.Parse(offline(t), event(t))
	require.NoError(t, err)
	id := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "101"}}
	first := account{ID: "101", Name: "New item!", Balance: exact, Tags: []string{"x", "y"}, Raw: []byte("raw")}
	second := account{ID: "101", Name: "This item has changed", Balance: "0.1"}
	at := time.Unix(1428537600, 0).UTC()
	assert.Equal(t, []stream.Change[account]{
		{Kind: stream.Insert, New: &first, Keys: id, Time: at, Sequence: "4421584500000000017450439091"},
		{Kind: stream.Modify, Old: &first, New: &second, Keys: id, Time: at, Sequence: "4421584500000000017450439092"},
		{Kind: stream.Remove, Old: &second, Keys: id, Time: at.Add(500 * time.Millisecond), Sequence: "4421584500000000017450439093", Expired: true},
	}, changes)
}

// TestHandle: what failed and what is behind it is sent again.
func TestHandle(t *testing.T) {
	t.Parallel()
	r, broken := offline(t), errors.New("broken")
	var seen []stream.Kind
	handle := func(failing stream.Kind) (string, error) {
		seen = nil
		failures, err := stream.Handle(t.Context(), r, event(t), func(_ context.Context, c stream.Change[account]) error {
			if seen = append(seen, c.Kind); c.Kind == failing {
				return broken
			}
			return nil
		})
		text, jerr := json.Marshal(failures)
		require.NoError(t, jerr)
		return string(text), err
	}
	answer, err := handle("")
	require.NoError(t, err)
	assert.JSONEq(t, `{"batchItemFailures":[]}`, answer)
	assert.Len(t, seen, 3)

	answer, err = handle(stream.Modify)
	require.ErrorIs(t, err, broken)
	assert.JSONEq(t, `{"batchItemFailures":[{"itemIdentifier":"4421584500000000017450439092"}]}`, answer)
	assert.Equal(t, []stream.Kind{stream.Insert, stream.Modify}, seen)
}

// TestBadEvents end in an error that quotes nothing.
func TestBadEvents(t *testing.T) {
	t.Parallel()
	r := offline(t)
	for _, bad := range []string{``, `[]`, `{"Records":[{}]}`, `{"Records":[{"dynamodb":{"SequenceNumber":"1","Keys":{"id":"secret"}}}]}`, `{"Records":"secret"}`} {
		changes, err := stream.Parse(r, []byte(bad))
		require.ErrorIs(t, err, stream.ErrEvent, bad)
		assert.NotContains(t, err.Error(), "secret")
		assert.Empty(t, changes)
	}
	misfit := `{"Records":[{"eventName":"INSERT","dynamodb":{"SequenceNumber":"1","Keys":{"id":{"S":"a"}},"NewImage":{"id":{"S":"a"},"name":{"L":[{"S":"secret"}]}}}}]}`
	_, err := stream.Parse(r, []byte(misfit))
	require.ErrorIs(t, err, repo.ErrDecode)
	assert.NotContains(t, err.Error(), "secret")
	changes, err := stream.Parse(r, []byte(`{"Records":[]}`))
	require.NoError(t, err)
	assert.Nil(t, changes)
}

// FuzzParse: whatever comes, there is no panic, and what is no event is told.
func FuzzParse(f *testing.F) {
	f.Add(event(f))
	f.Add([]byte(`{"Records":[{"eventName":"REMOVE","dynamodb":{"SequenceNumber":"1","Keys":{"id":{"S":"a"}}}}]}`))
	r := offline(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		changes, err := stream.Parse(r, data)
		for _, c := range changes {
			assert.NotEmpty(t, c.Sequence)
		}
		if err != nil && !errors.Is(err, stream.ErrEvent) {
			require.ErrorIs(t, err, repo.ErrDecode)
		}
	})
}
