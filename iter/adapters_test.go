package iter_test

import (
	"errors"
	"iter"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	dyniter "github.com/dynarepo/dynarepo/iter"
)

var errLost = errors.New("connection lost")

// source is a sequence of 1 to n, then err if there is one. It counts what was
// asked of it, and goes on after an error if it is let.
func source(n int, err error, asked *int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			*asked++
			if !yield(i+1, nil) {
				return
			}
		}
		for err != nil {
			*asked++
			if !yield(0, err) {
				return
			}
		}
	}
}

func TestCollect(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		n     int
		err   error
		want  []int
		asked int
	}{
		{"nothing", 0, nil, nil, 0},
		{"items", 3, nil, []int{1, 2, 3}, 3},
		{"an error after items", 2, errLost, []int{1, 2}, 3},
		{"an error at once", 0, errLost, nil, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			got, err := dyniter.Collect(source(tt.n, tt.err, &asked))
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.err, err)
			assert.Equal(t, tt.asked, asked)
		})
	}
}

func TestFirst(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		n     int
		err   error
		want  int
		fails error
		asked int
	}{
		{"nothing", 0, nil, 0, dyniter.ErrEmpty, 0},
		{"items", 3, nil, 1, nil, 1},
		{"an error after items is never met", 1, errLost, 1, nil, 1},
		{"an error at once", 0, errLost, 0, errLost, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			got, err := dyniter.First(source(tt.n, tt.err, &asked))
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.fails, err)
			assert.Equal(t, tt.asked, asked)
		})
	}
}

func TestFirstDropsWhatStandsBesideAnError(t *testing.T) {
	t.Parallel()
	got, err := dyniter.First(func(yield func(int, error) bool) { yield(7, errLost) })
	assert.Zero(t, got)
	assert.ErrorIs(t, err, errLost)
}

func TestChunk(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		n    int
		err  error
		size int
		want [][]int
	}{
		{"nothing", 0, nil, 3, nil},
		{"one short chunk", 2, nil, 3, [][]int{{1, 2}}},
		{"one full chunk", 3, nil, 3, [][]int{{1, 2, 3}}},
		{"the last is shorter", 7, nil, 3, [][]int{{1, 2, 3}, {4, 5, 6}, {7}}},
		{"all full", 6, nil, 3, [][]int{{1, 2, 3}, {4, 5, 6}}},
		{"of one", 3, nil, 1, [][]int{{1}, {2}, {3}}},
		{"an error at once", 0, errLost, 3, nil},
		{"an error between chunks", 3, errLost, 3, [][]int{{1, 2, 3}}},
		{"an error within a chunk", 4, errLost, 3, [][]int{{1, 2, 3}, {4}}},
		{"a size that no memory holds", 2, nil, math.MaxInt, [][]int{{1, 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			chunks := dyniter.Chunk(source(tt.n, tt.err, &asked), tt.size)
			assert.Zero(t, asked, "nothing is read before the first chunk is asked for")
			for range 2 {
				got, err := dyniter.Collect(chunks)
				assert.Equal(t, tt.want, got)
				assert.Equal(t, tt.err, err)
			}
		})
	}
}

func TestChunkSize(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, -1} {
		asked := 0
		pairs := 0
		for chunk, err := range dyniter.Chunk(source(3, nil, &asked), n) {
			pairs++
			assert.Nil(t, chunk)
			require.ErrorIs(t, err, dyniter.ErrLimit)
			assert.EqualError(t, err, "iter: invalid limit: chunk size "+strconv.Itoa(n))
		}
		assert.Equal(t, 1, pairs)
		assert.Zero(t, asked)
	}
}

func TestChunkIsTheCallers(t *testing.T) {
	t.Parallel()
	asked := 0
	var kept [][]int
	for chunk, err := range dyniter.Chunk(source(7, nil, &asked), 2) {
		require.NoError(t, err)
		kept = append(kept, chunk)
		_ = append(chunk, 99)
	}
	assert.Equal(t, [][]int{{1, 2}, {3, 4}, {5, 6}, {7}}, kept)
}

func TestMap(t *testing.T) {
	t.Parallel()
	odd := errors.New("five")
	text := func(n int) (string, error) {
		if n == 5 {
			return "dropped", odd
		}
		return strconv.Itoa(n), nil
	}
	tests := []struct {
		name  string
		n     int
		err   error
		want  []string
		fails error
		asked int
	}{
		{"nothing", 0, nil, nil, nil, 0},
		{"items", 3, nil, []string{"1", "2", "3"}, nil, 3},
		{"an error of the sequence", 2, errLost, []string{"1", "2"}, errLost, 3},
		{"an error of the function", 9, errLost, []string{"1", "2", "3", "4"}, odd, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			var got []string
			var fails error
			for s, err := range dyniter.Map(source(tt.n, tt.err, &asked), text) {
				require.NoError(t, fails, "nothing comes after an error")
				if fails = err; err != nil {
					assert.Empty(t, s)
					continue
				}
				got = append(got, s)
			}
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.fails, fails)
			assert.Equal(t, tt.asked, asked)
		})
	}
}

// Whoever leaves the loop has asked for no item more than was needed.
func TestAdaptersStopEarly(t *testing.T) {
	t.Parallel()
	same := func(n int) (int, error) { return n, nil }
	t.Run("map", func(t *testing.T) {
		t.Parallel()
		asked := 0
		got, err := dyniter.First(dyniter.Map(source(9, errLost, &asked), same))
		require.NoError(t, err)
		assert.Equal(t, 1, got)
		assert.Equal(t, 1, asked)
	})
	t.Run("chunk", func(t *testing.T) {
		t.Parallel()
		asked := 0
		got, err := dyniter.First(dyniter.Chunk(source(9, errLost, &asked), 4))
		require.NoError(t, err)
		assert.Equal(t, []int{1, 2, 3, 4}, got)
		assert.Equal(t, 4, asked)
	})
	t.Run("chunk before an error", func(t *testing.T) {
		t.Parallel()
		asked := 0
		got, err := dyniter.First(dyniter.Chunk(source(2, errLost, &asked), 4))
		require.NoError(t, err)
		assert.Equal(t, []int{1, 2}, got)
		assert.Equal(t, 3, asked)
	})
	t.Run("over one another", func(t *testing.T) {
		t.Parallel()
		asked := 0
		sum := func(chunk []int) (int, error) { return len(chunk), nil }
		got, err := dyniter.Collect(dyniter.Map(dyniter.Chunk(dyniter.Map(source(5, errLost, &asked), same), 2), sum))
		require.ErrorIs(t, err, errLost)
		assert.True(t, slices.Equal([]int{2, 2, 1}, got))
		assert.Equal(t, 6, asked)
	})
}
