package stream

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func listed(pairs ...string) []types.Shard {
	var all []types.Shard
	for i := 0; i < len(pairs); i += 2 {
		s := types.Shard{ShardId: aws.String(pairs[i]), SequenceNumberRange: &types.SequenceNumberRange{}}
		if pairs[i+1] != "" {
			s.ParentShardId = aws.String(pairs[i+1])
		}
		all = append(all, s)
	}
	return all
}

func ids(shards []*shard) []string {
	var all []string
	for _, s := range shards {
		all = append(all, s.id)
	}
	return all
}

// TestLineage: a shard is read once its parent was, also where a shard has
// split, and a parent that is gone is not waited for.
func TestLineage(t *testing.T) {
	t.Parallel()
	r := &reader{live: true}
	split := listed("p", "gone", "q", "", "a", "p", "b", "p", "c", "q", "aa", "a")
	require.NoError(t, r.merge(split))
	assert.Equal(t, []string{"p", "q"}, ids(r.active()))
	assert.False(t, r.childless())

	r.shards[0].mark.Done = true
	assert.Equal(t, []string{"q", "a", "b"}, ids(r.active()))
	r.shards[1].mark.Done = true
	r.shards[2].mark = Mark{Sequence: "7", Done: true}
	require.NoError(t, r.merge(split))
	assert.Equal(t, []string{"b", "c", "aa"}, ids(r.active()), "a look keeps the marks")
	assert.Equal(t, "7", r.shards[2].mark.Sequence)

	require.NoError(t, r.merge(split[2:]), "the parents were trimmed")
	assert.Equal(t, []string{"b", "c", "aa"}, ids(r.active()))
	r.shards[1].mark.Done = true
	assert.True(t, r.childless(), "b was read, and its children are to come")
	r.live = false
	assert.False(t, r.childless())
}

// TestLatestShards: of those there at the first look only the open ones are
// read, from their end, and later ones whole.
func TestLatestShards(t *testing.T) {
	t.Parallel()
	r := &reader{latest: true}
	first := listed("closed", "", "open", "closed")
	first[0].SequenceNumberRange.EndingSequenceNumber = aws.String("9")
	require.NoError(t, r.merge(first))
	require.Equal(t, []string{"open"}, ids(r.active()))
	assert.Equal(t, types.ShardIteratorTypeLatest, r.iteratorInput(r.active()[0]).ShardIteratorType)

	r.shards[1].mark.Done = true
	require.NoError(t, r.merge(listed("open", "closed", "child", "open")))
	require.Equal(t, []string{"child"}, ids(r.active()))
	assert.Equal(t, types.ShardIteratorTypeTrimHorizon, r.iteratorInput(r.active()[0]).ShardIteratorType)
}

// TestGoneShard: one that was fetched to its end is no loss.
func TestGoneShard(t *testing.T) {
	t.Parallel()
	r := &reader{shards: []*shard{{id: "a", ended: true}}}
	require.NoError(t, r.merge(nil))
	assert.Equal(t, []string{"a"}, ids(r.active()))
	r.shards[0].ended = false
	require.ErrorIs(t, r.merge(nil), ErrTrimmed)
}
