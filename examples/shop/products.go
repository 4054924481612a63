package main

import (
	"context"
	"net/http"
	"strconv"

	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// inCategory asks for the products of a category that cost no more than most
// cents, by name.
func (s *shop) inCategory(category string, most int) repo.Query[Product] {
	return s.products.Query(key.Of(category)).Index("by_category").Where(cents.Lte(most))
}

// page returns n products of a query behind a token, and the token behind them.
func page(ctx context.Context, q repo.Query[Product], token string, n int) (found []Product, next string, err error) {
	at, err := dyniter.ParseCursor(token)
	if err != nil {
		return nil, "", err // iter.ErrCursor
	}
	found = []Product{}
	for p, err := range q.From(at).RecordLimit(n).Pages(ctx) {
		if err != nil {
			return nil, "", err
		}
		found = append(found, p.Items...)
		next = p.Cursor.String()
	}
	return found, next, nil
}

const (
	defaultLimit = 20
	maxLimit     = 100
)

func (s *shop) listProducts(req *http.Request) (answer, error) {
	query := req.URL.Query()
	limit, err := number(query.Get("limit"), defaultLimit)
	if err != nil || limit < 1 || limit > maxLimit {
		return answer{}, badRequest("limit: want a number from 1 to %d", maxLimit)
	}
	most, err := number(query.Get("max"), 1<<30)
	if err != nil {
		return answer{}, badRequest("max: want cents")
	}
	found, next, err := page(req.Context(), s.inCategory(query.Get("category"), most), query.Get("page"), limit)
	return answer{http.StatusOK, "", struct {
		Products []Product `json:"products"`
		Next     string    `json:"next,omitempty"`
	}{found, next}}, err
}

// number is the number that a parameter has, or the one that stands for none.
func number(text string, none int) (int, error) {
	if text == "" {
		return none, nil
	}
	return strconv.Atoi(text)
}
