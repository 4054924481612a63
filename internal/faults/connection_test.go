package faults_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
)

func TestDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tr := faults.New(answering(`{}`))
		tr.On("*").Do(faults.Delay(time.Minute))
		start := time.Now()
		assert.Equal(t, http.StatusOK, status(t, tr, "Query", `{}`))
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

func TestDelayEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tr := faults.New(unreachable(t))
		tr.On("*").Do(faults.Delay(time.Minute))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()

		_, err := tr.Do(newRequest(t, "Query", `{}`).WithContext(ctx))

		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestCut(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault   faults.Fault
		reached int
	}{
		"before the effect": {faults.CutBefore(), 0},
		"after the effect":  {faults.CutAfter(), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reached := 0
			tr := faults.New(smithyhttp.ClientDoFunc(func(*http.Request) (*http.Response, error) {
				reached++
				return ok(`{}`), nil
			}))
			tr.On("GetItem").Do(tt.fault)

			_, err := client(tr).GetItem(t.Context(), getItem())

			require.ErrorIs(t, err, syscall.ECONNRESET)
			var urlErr *url.Error
			require.ErrorAs(t, err, &urlErr)
			assert.Equal(t, 3, tr.Count("GetItem"), "the SDK retries")
			assert.Equal(t, tt.reached, reached)
		})
	}
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	const body = `{"Count":10}`
	for name, tt := range map[string]struct {
		n    int
		want string
	}{
		"within":        {5, `{"Cou`},
		"at the start":  {0, ""},
		"below 0":       {-1, ""},
		"past the end":  {100, `{"Count":10`},
		"just the last": {len(body) - 1, `{"Count":10`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := faults.New(answering(body))
			tr.On("Query").Nth(1).Do(faults.Truncate(tt.n))
			tr.On("Query").Nth(2).Do(faults.Shorten(tt.n))

			broken, err := tr.Do(newRequest(t, "Query", `{}`))
			require.NoError(t, err)
			got, err := io.ReadAll(broken.Body)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			assert.Equal(t, tt.want, string(got))
			assert.EqualValues(t, len(body), broken.ContentLength)

			ended, err := tr.Do(newRequest(t, "Query", `{}`))
			require.NoError(t, err)
			assert.Equal(t, tt.want, readBody(t, ended))
			assert.Equal(t, checksum([]byte(body)), ended.Header.Get("X-Amz-Crc32"))
		})
	}
}

func TestCorrupt(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"Count":10,"ScannedCount":25}`: `{"Count":10,"ScannedCount":35}`,
		`{"Count":9,"Last":null}`:        `{"Count":1,"Last":null}`,
		`{"Count":0}`:                    `{"Count":1}`,
		`{}`:                             `{|`,
	} {
		tr := faults.New(answering(body))
		tr.On("Query").Do(faults.Corrupt())

		resp, err := tr.Do(newRequest(t, "Query", `{}`))

		require.NoError(t, err)
		assert.Equal(t, want, readBody(t, resp))
		assert.Equal(t, checksum([]byte(body)), resp.Header.Get("X-Amz-Crc32"))
	}
}

func TestAnswerThatBreaksByItself(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tr := faults.New(smithyhttp.ClientDoFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(iotest.ErrReader(broken))}, nil
	}))
	for operation, fault := range map[string]faults.Fault{
		"GetItem":       faults.CutAfter(),
		"Query":         faults.Corrupt(),
		"DescribeTable": faults.Creating(),
	} {
		tr.On(operation).Do(fault)
		_, err := tr.Do(newRequest(t, operation, `{}`))
		assert.ErrorIs(t, err, broken, operation)
	}
}
