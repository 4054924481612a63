package trust_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/stream"
	"github.com/dynarepo/dynarepo/table"
)

// TestLiesOfTables: what describes tables and streams is guarded as what holds
// items is.
func TestLiesOfTables(t *testing.T) {
	t.Parallel()
	const active = `{"Table":{"TableStatus":"ACTIVE","TableArn":"a","LatestStreamArn":"s"}}`
	list := func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := table.List(ctx, r.DB())
		return err
	}
	describe := func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := table.Describe(ctx, r)
		return err
	}
	create := func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := table.Create(ctx, r, &table.Options{Polls: 1})
		return err
	}
	tags := func(ctx context.Context, r *repo.Repo[note]) error {
		_, err := table.SetTags(ctx, r, map[string]string{"a": "b"}, &table.Options{Polls: 1})
		return err
	}
	changes := func(ctx context.Context, r *repo.Repo[note]) error {
		s, err := stream.New(r, nil)
		if err != nil {
			return err
		}
		for _, err := range s.Changes(ctx) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	for name, lie := range map[string]struct {
		do     func(context.Context, *repo.Repo[note]) error
		answer map[string]func(n int) *http.Response
		want   error
	}{
		"a list that stays": {list, map[string]func(int) *http.Response{
			"ListTables": func(int) *http.Response { return answer(200, `{"TableNames":["a"],"LastEvaluatedTableName":"a"}`) },
		}, repo.ErrDecode},
		"a list in turns": {list, map[string]func(int) *http.Response{
			"ListTables": func(n int) *http.Response {
				return answer(200, fmt.Sprintf(`{"TableNames":["a"],"LastEvaluatedTableName":"%d"}`, n%3))
			},
		}, repo.ErrDecode},
		"tags that stay": {tags, map[string]func(int) *http.Response{
			"DescribeTable":      func(int) *http.Response { return answer(200, active) },
			"ListTagsOfResource": func(int) *http.Response { return answer(200, `{"Tags":[],"NextToken":"a"}`) },
		}, repo.ErrDecode},
		"shards that stay": {changes, map[string]func(int) *http.Response{
			"DescribeTable": func(int) *http.Response { return answer(200, active) },
			"DescribeStream": func(int) *http.Response {
				return answer(200, `{"StreamDescription":{"Shards":[{"ShardId":"x"}],"LastEvaluatedShardId":"x"}}`)
			},
		}, repo.ErrDecode},
		"a deep table": {describe, map[string]func(int) *http.Response{
			"DescribeTable": func(int) *http.Response { return answer(200, `{"Table":`+deepMaps+`}`) },
		}, repo.ErrDecode},
		"an endless table": {create, map[string]func(int) *http.Response{
			"CreateTable":   func(int) *http.Response { return unending(200, 1<<40, `{"TableDescription":"`) },
			"DescribeTable": func(int) *http.Response { return unending(200, 1<<40, `{"Table":"`) },
		}, repo.ErrDecode},
		"a deep stream": {changes, map[string]func(int) *http.Response{
			"DescribeTable":  func(int) *http.Response { return answer(200, active) },
			"DescribeStream": func(int) *http.Response { return answer(200, `{"StreamDescription":`+deepLists+`}`) },
		}, repo.ErrDecode},
		"deep records": {changes, map[string]func(int) *http.Response{
			"DescribeTable":    func(int) *http.Response { return answer(200, active) },
			"DescribeStream":   func(int) *http.Response { return answer(200, `{"StreamDescription":{"Shards":[{"ShardId":"x"}]}}`) },
			"GetShardIterator": func(int) *http.Response { return answer(200, `{"ShardIterator":"i"}`) },
			"GetRecords": func(int) *http.Response {
				return answer(200, `{"Records":[{"dynamodb":{"Keys":{"a":`+deepLists+`}}}]}`)
			},
		}, repo.ErrDecode},
		"a record that is none": {changes, map[string]func(int) *http.Response{
			"DescribeTable":    func(int) *http.Response { return answer(200, active) },
			"DescribeStream":   func(int) *http.Response { return answer(200, `{"StreamDescription":{"Shards":[{"ShardId":"x"}]}}`) },
			"GetShardIterator": func(int) *http.Response { return answer(200, `{"ShardIterator":"i"}`) },
			"GetRecords":       func(int) *http.Response { return answer(200, `{"Records":[{}]}`) },
		}, stream.ErrEvent},
		"no table": {describe, map[string]func(int) *http.Response{
			"DescribeTable": func(int) *http.Response { return answer(200, `{}`) },
		}, nil},
	} {
		n := 0
		r := notes(t, "wire", &liar{answer: func(op string, _ int) *http.Response {
			n++
			if lie.answer[op] == nil {
				return answer(400, `{"__type":"ResourceNotFoundException"}`)
			}
			return lie.answer[op](n)
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		err := lie.do(ctx, r)
		require.NoError(t, ctx.Err(), name)
		cancel()
		assert.LessOrEqual(t, n, 50, name)
		if lie.want == nil {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, lie.want, name)
		_, ofTable := errors.AsType[*table.Error](err)
		_, ofStream := errors.AsType[*stream.Error](err)
		assert.True(t, ofTable || ofStream, name)
		assert.Less(t, len(err.Error()), 1000, name)
	}
}

// TestTagsAreUTF8: tags are text that arrives as it is.
func TestTagsAreUTF8(t *testing.T) {
	t.Parallel()
	l := &liar{answer: func(string, int) *http.Response { return answer(200, "{}") }}
	for _, tags := range []map[string]string{{"a\xff": "b"}, {"a": "b\xff"}} {
		_, err := table.SetTags(t.Context(), notes(t, "wire", l), tags, nil)
		require.ErrorIs(t, err, repo.ErrInvalid)
		_, err = table.Of(table.Settings{Tags: tags}, notes(t, "wire", l))
		require.ErrorIs(t, err, repo.ErrInvalid)
	}
	assert.Zero(t, l.n.Load())
}
