// Package canned answers DynamoDB's requests with prepared bodies, so that what
// is measured is the client.
package canned

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"

	"github.com/dynarepo/dynarepo/bench/internal/model"
)

// An Answers gives the answer to a request, whose operation and body it gets.
// It must be safe for concurrent use, and must not keep body.
type Answers func(op string, body []byte) *Answer

// An Answer is the body of a successful answer with the headers that DynamoDB
// sends. It is immutable.
type Answer struct {
	parts  [][]byte
	size   int
	header http.Header
}

func newAnswer(parts ...[]byte) *Answer {
	a := &Answer{parts: parts}
	sum := uint32(0)
	for _, p := range parts {
		a.size += len(p)
		sum = crc32.Update(sum, crc32.IEEETable, p)
	}
	a.header = http.Header{
		"Content-Type":     {"application/x-amz-json-1.0"},
		"Content-Length":   {strconv.Itoa(a.size)},
		"X-Amz-Crc32":      {strconv.FormatUint(uint64(sum), 10)},
		"X-Amzn-Requestid": {"BENCHMARK0000000000000000000000000000000000000000000"},
	}
	return a
}

// Size returns the length of the body in bytes.
func (a *Answer) Size() int { return a.size }

func (a *Answer) body() io.ReadCloser { return &reader{parts: a.parts} }

// A reader reads parts one after the other.
type reader struct {
	parts [][]byte
	at    int
}

func (r *reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(r.parts) == 0 {
			return n, io.EOF
		}
		c := copy(p[n:], r.parts[0][r.at:])
		n, r.at = n+c, r.at+c
		if r.at == len(r.parts[0]) {
			r.parts, r.at = r.parts[1:], 0
		}
	}
	return n, nil
}

func (r *reader) Close() error { return nil }

// The capacity an answer reports, to those who ask for it.
var (
	asked = []byte(`"ReturnConsumedCapacity"`)
	used  = []byte(`"ConsumedCapacity":{"CapacityUnits":64.5,"Table":{"CapacityUnits":64.5},"TableName":"` + model.Table + `"},`)
	spent = []byte(`"ConsumedCapacity":[{"CapacityUnits":64.5,"Table":{"CapacityUnits":64.5},"TableName":"` + model.Table + `"}],`)
)

// always answers with the members of an object, whose first is the consumed
// capacity if the request asks for it.
func always(capacity []byte, members ...[]byte) Answers {
	open, end := []byte("{"), []byte("}")
	plain := newAnswer(bytes.Join(append(append([][]byte{open}, members...), end), nil))
	full := newAnswer(bytes.Join(append(append([][]byte{open, capacity}, members...), end), nil))
	return func(_ string, body []byte) *Answer {
		if bytes.Contains(body, asked) {
			return full
		}
		return plain
	}
}

// Array returns items as a JSON array, as it stands in answers.
func Array(items []model.Attrs) []byte {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = Plain(item)
	}
	return encode(list)
}

// Item answers GetItem.
func Item(item model.Attrs) Answers { return always(used, []byte(`"Item":`), encode(Plain(item))) }

// Updated answers UpdateItem with the item's attributes.
func Updated(item model.Attrs) Answers {
	return always(used, []byte(`"Attributes":`), encode(Plain(item)))
}

// Found answers BatchGetItem.
func Found(items []model.Attrs) Answers {
	return always(spent, []byte(`"Responses":{"`+model.Table+`":`), Array(items), []byte(`},"UnprocessedKeys":{}`))
}

// Done answers PutItem and TransactWriteItems.
func Done() Answers {
	empty := newAnswer([]byte("{}"))
	return func(string, []byte) *Answer { return empty }
}

// AllWritten answers BatchWriteItem.
func AllWritten() Answers { return always(spent, []byte(`"UnprocessedItems":{}`)) }

// Page answers Query and Scan with items and nothing behind them.
func Page(items []model.Attrs) Answers { return Pages(items, 1) }

// place is the text before a page's number in its LastEvaluatedKey.
const place = "page#"

// Pages answers Query and Scan with the same items on every of so many pages.
// A parallel Scan finds an equal share of the pages in each segment.
func Pages(items []model.Attrs, pages int) Answers {
	list := Array(items)
	build := func(page int, last, capacity bool) *Answer {
		head, tail := []byte("{"), fmt.Appendf(nil, `,"ScannedCount":%d}`, len(items))
		if capacity {
			head = append(head, used...)
		}
		head = fmt.Appendf(head, `"Count":%d,"Items":`, len(items))
		if !last {
			tail = fmt.Appendf(nil, `,"LastEvaluatedKey":{"pk":{"S":"%s"},"sk":{"S":"%s%06d"}}%s`, model.KeyAt(0).PK, place, page, tail)
		}
		return newAnswer(head, list, tail)
	}
	var answers [2][2][]*Answer // by capacity, by being the last
	for page := range pages {
		for c := range 2 {
			for l := range 2 {
				answers[c][l] = append(answers[c][l], build(page, l == 1, c == 1))
			}
		}
	}
	return func(_ string, body []byte) *Answer {
		page, c, l := 0, 0, 0
		if n, ok := numberAfter(body, place); ok {
			page = n + 1
		}
		if bytes.Contains(body, asked) {
			c = 1
		}
		share := pages
		if n, ok := numberAfter(body, `"TotalSegments":`); ok {
			share /= n
		}
		if page == share-1 {
			l = 1
		}
		return answers[c][l][page]
	}
}

// numberAfter returns the number behind the first mark in body.
func numberAfter(body []byte, mark string) (n int, ok bool) {
	_, rest, ok := bytes.Cut(body, []byte(mark))
	if !ok {
		return 0, false
	}
	for _, b := range rest {
		if b < '0' || b > '9' {
			break
		}
		n = n*10 + int(b-'0')
	}
	return n, true
}
