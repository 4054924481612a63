package pager_test

import (
	"fmt"

	"github.com/dynarepo/dynarepo/internal/pager"
)

// players stands for what a query returns.
func ExamplePager() {
	p := pager.NewPager(pager.Limits{Records: 10, Filtered: true})
	for {
		limit, ok := p.Next()
		if !ok {
			break
		}
		first := p.Evaluated()
		last := min(first+limit, 1000)
		passed := last/50 - first/50
		keep := p.Take(last-first, passed, last-first == limit)
		fmt.Printf("limit %d: %d of %d\n", limit, keep, passed)
	}
	fmt.Println(p.Requests(), "requests,", p.Evaluated(), "evaluated, stopped by", p.Stop())
	// Output:
	// limit 10: 0 of 0
	// limit 10: 0 of 0
	// limit 20: 0 of 0
	// limit 40: 1 of 1
	// limit 80: 2 of 2
	// limit 160: 3 of 3
	// limit 214: 4 of 4
	// 7 requests, 534 evaluated, stopped by record limit
}
