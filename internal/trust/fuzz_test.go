package trust_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/repo"
)

// FuzzAnswers: whatever every request of a call is answered with, the call ends, with
// success or a typed error that holds nothing of it; the lane and the SDK's
// middleware come to the same.
func FuzzAnswers(f *testing.F) {
	names := slices.Sorted(maps.Keys(demands))
	for i, name := range names {
		for _, body := range []string{
			`{}`, page(1, 1, one, ""), page(1, 1, one, at("t", 1)), page(2, 2, two+","+two, at("u", 1)), fmt.Sprintf(members[demands[name].op], `{"S":"secret"}`),
			`{"Responses":{"notes":[` + one + `]},"UnprocessedKeys":{"notes":{"Keys":[` + at("t", 2) + `]}}}`, `{"Responses":[{"Item":` + one + `},{}]}`,
			`{"UnprocessedItems":{"notes":[{"PutRequest":{"Item":` + one + `}}]}}`, `{"Attributes":` + two + `}`, `{"Item":{"data":{"M":{"k":{"L":[{"S":"secret"}]}}}}}`,
		} {
			f.Add(byte(i), true, []byte(body))
		}
		for _, body := range []string{
			`{"__type":"ConditionalCheckFailedException","message":"secret","Item":` + one + `}`, `{"__type":"a#ValidationException","Message":"secret"}`,
			`{"__type":"TransactionCanceledException","CancellationReasons":[{"Code":"ConditionalCheckFailed","Message":"secret"},{"Code":"None"}]}`, `secret`,
		} {
			f.Add(byte(i), false, []byte(body))
		}
	}
	var body []byte
	status := 200
	l := &liar{answer: func(string, int) *http.Response { return answer(status, string(body)) }}
	repos := map[string]*repo.Repo[note]{}
	for _, way := range ways {
		repos[way] = notes(f, way, l)
	}
	f.Fuzz(func(t *testing.T, which byte, ok bool, data []byte) {
		d := demands[names[int(which)%len(names)]]
		if body, status = data, 200; !ok {
			status = 400
		}
		went := map[string]bool{}
		for _, way := range ways {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			err := d.do(ctx, repos[way])
			require.NoError(t, ctx.Err(), way)
			cancel()
			if went[way] = err == nil; err == nil {
				continue
			}
			_, typed := errors.AsType[*repo.Error](err)
			require.True(t, typed, "%s: %v", way, err)
			require.NotContains(t, err.Error(), "secret")
			require.False(t, strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' && r != '\n' }), "%q", err.Error())
		}
		require.Equal(t, went["wire"], went["lean"])
	})
}
