package faults_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
)

func TestRuleStrikes(t *testing.T) {
	t.Parallel()
	const sent = 8
	for name, tt := range map[string]struct {
		rule func(faults.Rule) faults.Rule
		want []int // the numbers of the requests struck, from 1
	}{
		"each":                 {func(r faults.Rule) faults.Rule { return r }, []int{1, 2, 3, 4, 5, 6, 7, 8}},
		"the first":            {func(r faults.Rule) faults.Rule { return r.Times(1) }, []int{1}},
		"the next three":       {func(r faults.Rule) faults.Rule { return r.Times(3) }, []int{1, 2, 3}},
		"the third":            {func(r faults.Rule) faults.Rule { return r.Nth(3) }, []int{3}},
		"the zeroth":           {func(r faults.Rule) faults.Rule { return r.Nth(0) }, nil},
		"never":                {func(r faults.Rule) faults.Rule { return r.Times(0) }, nil},
		"after six":            {func(r faults.Rule) faults.Rule { return r.After(6) }, []int{7, 8}},
		"after fewer than 0":   {func(r faults.Rule) faults.Rule { return r.After(-2).Times(1) }, []int{1}},
		"every third":          {func(r faults.Rule) faults.Rule { return r.Every(3) }, []int{3, 6}},
		"every zeroth":         {func(r faults.Rule) faults.Rule { return r.Every(0).Times(2) }, []int{1, 2}},
		"twice the second on":  {func(r faults.Rule) faults.Rule { return r.After(1).Every(2).Times(2) }, []int{3, 5}},
		"nth after all others": {func(r faults.Rule) faults.Rule { return r.After(5).Every(2).Times(9).Nth(2) }, []int{2}},
		"only some": {func(r faults.Rule) faults.Rule {
			return r.When(limit(1)).Nth(2)
		}, []int{3}},
		"some of some": {func(r faults.Rule) faults.Rule {
			return r.When(limit(1)).When(limit(0))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := faults.New(answering(`{}`))
			injection := tt.rule(tr.On("Query")).Do(faults.Throttle())
			var struck []int
			for n := 1; n <= sent; n++ {
				// Odd requests have the Limit 1, even ones 0.
				body := []string{`{"Limit":0}`, `{"Limit":1}`}[n%2]
				if status(t, tr, "Query", body) == http.StatusBadRequest {
					struck = append(struck, n)
				}
			}
			assert.Equal(t, tt.want, struck)
			assert.Equal(t, len(tt.want), injection.Struck())
		})
	}
}

// limit matches the requests with this Limit.
func limit(n float64) func(faults.Request) bool {
	return func(r faults.Request) bool { return r.JSON()["Limit"] == n }
}

func TestRuleMatchesOperations(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		operations []string
		want       []string
	}{
		"one":  {[]string{"Query"}, []string{"Query"}},
		"two":  {[]string{"Query", "Scan"}, []string{"Query", "Scan"}},
		"any":  {[]string{"*"}, []string{"Query", "Scan", "GetItem"}},
		"none": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := faults.New(answering(`{}`))
			tr.On(tt.operations...).Do(faults.ServerError(500))
			var struck []string
			for _, operation := range []string{"Query", "Scan", "GetItem"} {
				if status(t, tr, operation, `{}`) != http.StatusOK {
					struck = append(struck, operation)
				}
			}
			assert.Equal(t, tt.want, struck)
		})
	}
}

func TestRuleIsAValue(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	queries := tr.On("Query")
	queries.Times(0)
	queries.When(func(faults.Request) bool { return false })
	first, second := queries.Do(faults.Throttle()), queries.After(1).Do(faults.Throttle())

	status(t, tr, "Query", `{}`)
	status(t, tr, "Query", `{}`)

	assert.Equal(t, 2, first.Struck())
	assert.Equal(t, 1, second.Struck())
}

func TestRuleCountsFromWhenItIsScheduled(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	assert.Equal(t, http.StatusOK, status(t, tr, "Query", `{}`))
	tr.On("Query").Nth(1).Do(faults.Throttle())
	assert.Equal(t, http.StatusBadRequest, status(t, tr, "Query", `{}`))
}

func TestWhenMayAskTheTransport(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	tr.On("Scan").When(func(faults.Request) bool { return tr.Count("Query") > 0 }).Do(faults.Throttle())

	assert.Equal(t, http.StatusOK, status(t, tr, "Scan", `{}`))
	assert.Equal(t, http.StatusOK, status(t, tr, "Query", `{}`))
	assert.Equal(t, http.StatusBadRequest, status(t, tr, "Scan", `{}`))
}

func TestInjectionStops(t *testing.T) {
	t.Parallel()
	tr := faults.New(answering(`{}`))
	injection := tr.On("Query").Do(faults.Throttle())
	assert.Equal(t, http.StatusBadRequest, status(t, tr, "Query", `{}`))
	injection.Stop()
	assert.Equal(t, http.StatusOK, status(t, tr, "Query", `{}`))
	assert.Equal(t, 1, injection.Struck())
}

// status sends a request by tr and returns the status it was answered with.
func status(t *testing.T, tr *faults.Transport, operation, body string) int {
	t.Helper()
	resp, err := tr.Do(newRequest(t, operation, body))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}
