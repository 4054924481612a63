package pagertest

import (
	"github.com/dynarepo/dynarepo/iter"

	"github.com/dynarepo/dynarepo/internal/pager"
)

// Cases are the rows of rules A1 to A5, the worked cases among them. They are
// not to be changed by those who read them.
var Cases = []Case{
	// Rules A1 and A2: no filter. Limit is min(R, S, B), and none when none is set.
	{"no filter, no limits", runs(10), pager.Limits{}, 10, 1, 10, []int{0}, iter.StopExhausted},
	{"no filter, no limits, no items", nil, pager.Limits{}, 0, 1, 0, []int{0}, iter.StopExhausted},
	{"no filter, record limit at the last item", runs(10), pager.Limits{Records: 10}, 10, 1, 10, []int{10}, iter.StopRecordLimit},
	{"no filter, record limit 1", runs(10), pager.Limits{Records: 1}, 1, 1, 1, []int{1}, iter.StopRecordLimit},
	{"no filter, record limit 5", runs(10), pager.Limits{Records: 5}, 5, 1, 5, []int{5}, iter.StopRecordLimit},
	{"no filter, record limit one short of the end", runs(10), pager.Limits{Records: 9}, 9, 1, 9, []int{9}, iter.StopRecordLimit},
	{"no filter, record limit one past the end", runs(10), pager.Limits{Records: 11}, 10, 1, 10, []int{11}, iter.StopExhausted},
	{"no filter, record limit far past the end", runs(10), pager.Limits{Records: 1000}, 10, 1, 10, []int{1000}, iter.StopExhausted},
	{"no filter, record limit, no items", nil, pager.Limits{Records: 3}, 0, 1, 0, []int{3}, iter.StopExhausted},
	{"no filter, scan limit at the last item", runs(10), pager.Limits{Scan: 10}, 10, 1, 10, []int{10}, iter.StopScanLimit},
	{"no filter, scan limit 1", runs(10), pager.Limits{Scan: 1}, 1, 1, 1, []int{1}, iter.StopScanLimit},
	{"no filter, scan limit 7", runs(10), pager.Limits{Scan: 7}, 7, 1, 7, []int{7}, iter.StopScanLimit},
	{"no filter, scan limit one past the end", runs(10), pager.Limits{Scan: 11}, 10, 1, 10, []int{11}, iter.StopExhausted},
	{"no filter, scan limit, no items", nil, pager.Limits{Scan: 3}, 0, 1, 0, []int{3}, iter.StopExhausted},
	{"no filter, record limit below scan limit", runs(10), pager.Limits{Records: 4, Scan: 6}, 4, 1, 4, []int{4}, iter.StopRecordLimit},
	{"no filter, record limit above scan limit", runs(10), pager.Limits{Records: 6, Scan: 4}, 4, 1, 4, []int{4}, iter.StopScanLimit},
	{"no filter, record limit equal to scan limit", runs(10), pager.Limits{Records: 5, Scan: 5}, 5, 1, 5, []int{5}, iter.StopRecordLimit},
	{"no filter, batch, no items", nil, pager.Limits{Batch: 4}, 0, 1, 0, []int{4}, iter.StopExhausted},
	{"no filter, batch at the last item", runs(10), pager.Limits{Batch: 10}, 10, 2, 10, []int{10, 10}, iter.StopExhausted},
	{"no filter, batch past the end", runs(10), pager.Limits{Batch: 11}, 10, 1, 10, []int{11}, iter.StopExhausted},
	{"no filter, batch above record limit", runs(10), pager.Limits{Records: 3, Batch: 100}, 3, 1, 3, []int{3}, iter.StopRecordLimit},
	{"no filter, batch above scan limit", runs(10), pager.Limits{Scan: 3, Batch: 100}, 3, 1, 3, []int{3}, iter.StopScanLimit},
	{"no filter, batch equal to record limit", runs(10), pager.Limits{Records: 5, Batch: 5}, 5, 1, 5, []int{5}, iter.StopRecordLimit},
	{"no filter, batch divides record limit", runs(10), pager.Limits{Records: 6, Batch: 3}, 6, 2, 6, []int{3, 3}, iter.StopRecordLimit},
	{"no filter, batch divides scan limit", runs(10), pager.Limits{Scan: 6, Batch: 3}, 6, 2, 6, []int{3, 3}, iter.StopScanLimit},
	{"no filter, record limit and batch meet the end", runs(10), pager.Limits{Records: 10, Batch: 5}, 10, 2, 10, []int{5, 5}, iter.StopRecordLimit},
	{"no filter, record limit past the end, batch divides the items", runs(10), pager.Limits{Records: 11, Batch: 5}, 10, 3, 10, []int{5, 5, 1}, iter.StopExhausted},
	{"no filter, all three, record limit first", runs(20), pager.Limits{Records: 7, Scan: 9, Batch: 4}, 7, 2, 7, []int{4, 3}, iter.StopRecordLimit},
	{"no filter, all three, scan limit first", runs(20), pager.Limits{Records: 9, Scan: 7, Batch: 4}, 7, 2, 7, []int{4, 3}, iter.StopScanLimit},
	{"no filter, all three, batch first", runs(20), pager.Limits{Records: 9, Scan: 7, Batch: 2}, 7, 4, 7, []int{2, 2, 2, 1}, iter.StopScanLimit},
	{"no filter, all three, the end first", runs(5), pager.Limits{Records: 9, Scan: 7, Batch: 2}, 5, 3, 5, []int{2, 2, 2}, iter.StopExhausted},

	// Rule A3: its worked cases.
	{"no filter, 8 items, batch 1", runs(8), pager.Limits{Batch: 1}, 8, 9, 8, []int{1, 1, 1, 1, 1, 1, 1, 1, 1}, iter.StopExhausted},
	{"no filter, 8 items, batch 3", runs(8), pager.Limits{Batch: 3}, 8, 3, 8, []int{3, 3, 3}, iter.StopExhausted},
	{"no filter, 8 items, batch 4, the last page is empty", runs(8), pager.Limits{Batch: 4}, 8, 3, 8, []int{4, 4, 4}, iter.StopExhausted},
	{"no filter, 10 items, record limit 5, batch 2", runs(10), pager.Limits{Records: 5, Batch: 2}, 5, 3, 5, []int{2, 2, 1}, iter.StopRecordLimit},
	{"no filter, 10 items, scan limit 7, batch 3", runs(10), pager.Limits{Scan: 7, Batch: 3}, 7, 3, 7, []int{3, 3, 1}, iter.StopScanLimit},

	// Rule A4: a filter and a batch size. Limit is min(B, S), whatever the record limit.
	{"10 Josh then 10 Pascal, record limit 2, scan limit 13, batch 1", runs(0, 10, 10), pager.Limits{Records: 2, Scan: 13, Batch: 1, Filtered: true}, 2, 12, 12, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, iter.StopRecordLimit},
	{"10 Josh then 10 Pascal, record limit 10, batch 3", runs(0, 10, 10), pager.Limits{Records: 10, Batch: 3, Filtered: true}, 10, 7, 20, []int{3, 3, 3, 3, 3, 3, 3}, iter.StopExhausted},
	{"4 Josh, 1 Pascal, 5 Josh, batch 4, scan limit 5, record limit 6", runs(4, 1, 5), pager.Limits{Records: 6, Scan: 5, Batch: 4, Filtered: true}, 4, 2, 5, []int{4, 1}, iter.StopScanLimit},
	{"batch, all pass", runs(10), pager.Limits{Batch: 4, Filtered: true}, 10, 3, 10, []int{4, 4, 4}, iter.StopExhausted},
	{"batch, none passes", runs(0, 10), pager.Limits{Batch: 4, Filtered: true}, 0, 3, 10, []int{4, 4, 4}, iter.StopExhausted},
	{"batch, no items", nil, pager.Limits{Batch: 4, Filtered: true}, 0, 1, 0, []int{4}, iter.StopExhausted},
	{"batch divides the items", runs(0, 4, 4), pager.Limits{Batch: 4, Filtered: true}, 4, 3, 8, []int{4, 4, 4}, iter.StopExhausted},
	{"batch above record limit, cut within the page", runs(10), pager.Limits{Records: 3, Batch: 8, Filtered: true}, 3, 1, 8, []int{8}, iter.StopRecordLimit},
	{"batch above record limit, cut within the last page", runs(3, 2, 3), pager.Limits{Records: 4, Batch: 100, Filtered: true}, 4, 1, 8, []int{100}, iter.StopRecordLimit},
	{"batch above scan limit", runs(0, 10, 10), pager.Limits{Scan: 12, Batch: 100, Filtered: true}, 2, 1, 12, []int{12}, iter.StopScanLimit},
	{"batch and scan limit, none passes", runs(0, 20), pager.Limits{Scan: 10, Batch: 4, Filtered: true}, 0, 3, 10, []int{4, 4, 2}, iter.StopScanLimit},
	{"batch and record limit, every 3rd passes", every(30, 3), pager.Limits{Records: 4, Batch: 5, Filtered: true}, 4, 3, 15, []int{5, 5, 5}, iter.StopRecordLimit},
	{"record limit met as the scan limit is", runs(0, 3, 3), pager.Limits{Records: 3, Scan: 6, Batch: 2, Filtered: true}, 3, 3, 6, []int{2, 2, 2}, iter.StopRecordLimit},
	{"record limit met as the data ends", runs(0, 3, 3), pager.Limits{Records: 3, Batch: 4, Filtered: true}, 3, 2, 6, []int{4, 4}, iter.StopExhausted},
	{"scan limit before the first to pass, batch", runs(0, 10, 10), pager.Limits{Records: 1, Scan: 9, Batch: 5, Filtered: true}, 0, 2, 9, []int{5, 4}, iter.StopScanLimit},

	// A filter and neither record limit nor batch size: Limit is S, or none.
	{"no limits", every(30, 3), pager.Limits{Filtered: true}, 10, 1, 30, []int{0}, iter.StopExhausted},
	{"no limits, none passes", runs(0, 30), pager.Limits{Filtered: true}, 0, 1, 30, []int{0}, iter.StopExhausted},
	{"no limits, no items", runs(0), pager.Limits{Filtered: true}, 0, 1, 0, []int{0}, iter.StopExhausted},
	{"scan limit alone", every(30, 3), pager.Limits{Scan: 10, Filtered: true}, 3, 1, 10, []int{10}, iter.StopScanLimit},
	{"scan limit alone, at the last item", every(30, 3), pager.Limits{Scan: 30, Filtered: true}, 10, 1, 30, []int{30}, iter.StopScanLimit},
	{"scan limit alone, past the end", every(30, 3), pager.Limits{Scan: 31, Filtered: true}, 10, 1, 30, []int{31}, iter.StopExhausted},

	// Rule A5: a filter, a record limit and no batch size. The page adapts.
	{"10 Josh then 10 Pascal, record limit 2", runs(0, 10, 10), pager.Limits{Records: 2, Filtered: true}, 2, 4, 16, []int{2, 2, 4, 8}, iter.StopRecordLimit},
	{"every 50th of 1,000, record limit 10", every(1000, 50), pager.Limits{Records: 10, Filtered: true}, 10, 7, 534, []int{10, 10, 20, 40, 80, 160, 214}, iter.StopRecordLimit},
	{"record limit, all pass", runs(10), pager.Limits{Records: 4, Filtered: true}, 4, 1, 4, []int{4}, iter.StopRecordLimit},
	{"record limit past the end, all pass", runs(10), pager.Limits{Records: 12, Filtered: true}, 10, 1, 10, []int{12}, iter.StopExhausted},
	{"record limit at the last item, all pass", runs(10), pager.Limits{Records: 10, Filtered: true}, 10, 1, 10, []int{10}, iter.StopRecordLimit},
	{"record limit, none passes", runs(0, 100), pager.Limits{Records: 5, Filtered: true}, 0, 6, 100, []int{5, 5, 10, 20, 40, 80}, iter.StopExhausted},
	{"record limit, no items", runs(0), pager.Limits{Records: 5, Filtered: true}, 0, 1, 0, []int{5}, iter.StopExhausted},
	{"record limit 1, only the last passes", runs(0, 99, 1), pager.Limits{Records: 1, Filtered: true}, 1, 8, 100, []int{1, 1, 2, 4, 8, 16, 32, 64}, iter.StopExhausted},
	{"record limit 1, the first passes", runs(1, 99), pager.Limits{Records: 1, Filtered: true}, 1, 1, 1, []int{1}, iter.StopRecordLimit},
	{"record limit past the number that passes", every(30, 3), pager.Limits{Records: 20, Filtered: true}, 10, 2, 30, []int{20, 20}, iter.StopExhausted},
	{"record limit equal to the number that passes", every(30, 3), pager.Limits{Records: 10, Filtered: true}, 10, 3, 30, []int{10, 10, 14}, iter.StopExhausted},
	{"record limit, every 2nd passes", every(100, 2), pager.Limits{Records: 10, Filtered: true}, 10, 2, 20, []int{10, 10}, iter.StopRecordLimit},
	{"record limit, one more wanted after a rich start", runs(9, 40, 20), pager.Limits{Records: 10, Filtered: true}, 10, 6, 69, []int{10, 2, 4, 8, 16, 32}, iter.StopRecordLimit},
	{"record limit, barren pages double after a rich start", runs(18, 100, 10), pager.Limits{Records: 20, Filtered: true}, 20, 7, 128, []int{20, 3, 6, 12, 24, 48, 96}, iter.StopRecordLimit},
	{"record limit, a rich end is cut within the page", runs(0, 30, 70), pager.Limits{Records: 3, Filtered: true}, 3, 5, 48, []int{3, 3, 6, 12, 24}, iter.StopRecordLimit},
	{"scan limit below record limit", every(50, 5), pager.Limits{Records: 20, Scan: 12, Filtered: true}, 2, 1, 12, []int{12}, iter.StopScanLimit},
	{"scan limit cuts the adaptive page", every(1000, 50), pager.Limits{Records: 10, Scan: 100, Filtered: true}, 2, 5, 100, []int{10, 10, 20, 40, 20}, iter.StopScanLimit},
	{"scan limit one short of the record limit met", runs(0, 10, 10), pager.Limits{Records: 2, Scan: 11, Filtered: true}, 1, 4, 11, []int{2, 2, 4, 3}, iter.StopScanLimit},
	{"scan limit just enough for the record limit", runs(0, 10, 10), pager.Limits{Records: 2, Scan: 12, Filtered: true}, 2, 4, 12, []int{2, 2, 4, 4}, iter.StopRecordLimit},
	{"scan limit, none passes", runs(0, 100), pager.Limits{Records: 5, Scan: 30, Filtered: true}, 0, 4, 30, []int{5, 5, 10, 10}, iter.StopScanLimit},
	{"scan limit past the end, none passes", runs(0, 20), pager.Limits{Records: 5, Scan: 30, Filtered: true}, 0, 4, 20, []int{5, 5, 10, 10}, iter.StopExhausted},
}
