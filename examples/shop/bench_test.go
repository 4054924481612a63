package main

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/repotest"
)

// newBenchmark returns a shop with products that don't run out.
func newBenchmark(b *testing.B) *shop {
	b.Helper()
	s, err := newShop(repotest.DB(b))
	require.NoError(b, err)
	repotest.Create(b, s.models()...)
	for _, p := range repotest.Fixtures(b, s.products, "testdata/products.json") {
		p.Stock = 1 << 30
		require.NoError(b, s.products.Put(b.Context(), &p))
	}
	return s
}

func BenchmarkPage(b *testing.B) {
	s := newBenchmark(b)
	ctx, meter := repo.WithMeter(b.Context())
	b.ReportAllocs()
	for b.Loop() {
		found, _, err := page(ctx, s.inCategory("tea", 900), "", 3)
		if err != nil || len(found) != 3 {
			b.Fatal(len(found), err)
		}
	}
	b.ReportMetric(float64(meter.Stats().Requests)/float64(b.N), "requests/op")
	b.ReportMetric(meter.Stats().Consumed/float64(b.N), "units/op")
}

func BenchmarkPlace(b *testing.B) {
	s := newBenchmark(b)
	ada := Customer{Name: "Ada", Email: "ada@example.com"}
	require.NoError(b, s.customers.Create(b.Context(), &ada))
	ctx, meter := repo.WithMeter(b.Context())
	b.ReportAllocs()
	for b.Loop() {
		o := Order{Customer: ada.ID, Lines: []Line{{SKU: "assam", Quantity: 1}, {SKU: "sencha", Quantity: 2}}}
		if err := s.place(ctx, &o); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(meter.Stats().Requests)/float64(b.N), "requests/op")
	b.ReportMetric(meter.Stats().Consumed/float64(b.N), "units/op")
}

// measured is what stays of a line: all but times and allocations.
var measured = regexp.MustCompile(`(?m)^(Benchmark\w+)(?:-\d+)?\s+\d+.* ([\d.]+ requests/op)\s+([\d.]+ units/op).*$`)

// TestBenchmarks: they run, and a page and an order cost what they did.
func TestBenchmarks(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$", "-test.bench=.", "-test.benchtime=3x").CombinedOutput()
	require.NoError(t, err, string(out))
	var lines []string
	for _, m := range measured.FindAllStringSubmatch(string(out), -1) {
		lines = append(lines, m[1]+" "+m[2]+" "+m[3])
	}
	assert.Equal(t, []string{
		"BenchmarkPage 2.000 requests/op 1.000 units/op",
		"BenchmarkPlace 2.000 requests/op 9.000 units/op",
	}, lines, string(out))
}
