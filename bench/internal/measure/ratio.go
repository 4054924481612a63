package measure

import (
	"math"
	"slices"
)

// A Ratio is one figure over another's.
type Ratio struct {
	Time          float64 // of the medians
	Low, High     float64 // quartiles of the ratios of single rounds
	Allocs, Bytes float64 // NaN where the other allocates nothing
}

// Over returns f over other, which was measured in the same rounds.
func (f *Figure) Over(other *Figure) Ratio {
	rounds := make([]float64, len(f.Times))
	for i := range rounds {
		rounds[i] = f.Times[i] / other.Times[i]
	}
	r := Ratio{Time: f.Time() / other.Time(), Low: quantile(rounds, 0.25), High: quantile(rounds, 0.75)}
	r.Allocs, r.Bytes = over(f.Allocs, other.Allocs), over(f.Bytes, other.Bytes)
	return r
}

func over(a, b float64) float64 {
	if b < 0.5 { // what the measuring itself allocates now and then
		return math.NaN()
	}
	return a / b
}

// Median returns the median of values, NaN if there are none.
func Median(values []float64) float64 { return quantile(values, 0.5) }

func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i == len(sorted)-1 {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
