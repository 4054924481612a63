package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/repotest"
)

// newService returns a shop with products and a customer, and its address.
func newService(t *testing.T) (*shop, Customer, string) {
	t.Helper()
	db := repotest.DB(t, func(c *repo.Config) { *c = config })
	s, err := newShop(db)
	require.NoError(t, err)
	repotest.Create(t, s.models()...)
	repotest.Fixtures(t, s.products, "testdata/products.json")
	ada := Customer{Name: "Ada", Email: "ada@example.com"}
	require.NoError(t, s.customers.Create(t.Context(), &ada))
	server := httptest.NewServer(s.serveMux())
	t.Cleanup(server.Close)
	return s, ada, server.URL
}

// call sends a request and returns the status, the ETag and the body.
func call(t *testing.T, method, url, ifMatch, body string) (status int, tag string, got map[string]any) {
	t.Helper()
	resp, got, err := send(t.Context(), method, url, ifMatch, body)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header.Get("ETag"), got
}

func send(ctx context.Context, method, url, ifMatch, body string) (resp *http.Response, got map[string]any, err error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	if ifMatch != "" {
		req.Header.Set("If-Match", ifMatch)
	}
	if resp, err = http.DefaultClient.Do(req); err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(&got)
	return resp, got, err
}

// skus are the products of an answer.
func skus(got map[string]any) string {
	var all []string
	for _, p := range got["products"].([]any) {
		all = append(all, fmt.Sprint(p.(map[string]any)["sku"]))
	}
	return strings.Join(all, " ")
}

func TestListProducts(t *testing.T) {
	t.Parallel()
	s, _, url := newService(t)
	repotest.Plan(t, s.db, "testdata/plans/in_category.txt", s.inCategory("tea", 900).RecordLimit(2))

	end := repotest.Budget(t, s.db, repotest.Requests(1), repotest.NoScan())
	status, _, first := call(t, "GET", url+"/products?category=tea&limit=2", "", "")
	end()
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "assam ceylon", skus(first))

	_, _, second := call(t, "GET", url+"/products?category=tea&limit=2&page="+first["next"].(string), "", "")
	assert.Equal(t, "darjeeling earl-grey", skus(second))
	_, _, cheap := call(t, "GET", url+"/products?category=tea&max=700", "", "")
	assert.Equal(t, "assam ceylon", skus(cheap))
	_, _, none := call(t, "GET", url+"/products?category=cars", "", "")
	assert.Empty(t, none["products"])
	assert.NotContains(t, none, "next")

	for _, bad := range []string{
		"category=tea&limit=0", "category=tea&limit=x", "category=tea&limit=101", "category=tea&max=x", "category=tea&page=x",
		"category=things&page=" + first["next"].(string), "",
	} {
		status, _, _ := call(t, "GET", url+"/products?"+bad, "", "")
		assert.Equal(t, http.StatusBadRequest, status, bad)
	}
}

func TestCreateCustomer(t *testing.T) {
	t.Parallel()
	_, _, url := newService(t)
	for body, want := range map[string]int{
		`{"name": "Bob", "email": "bob@example.com"}`: http.StatusCreated,
		`{"name": "Eve", "email": "ada@example.com"}`: http.StatusConflict,
		`{"name": "Eve"}`:              http.StatusBadRequest,
		`{"name": "Eve", "admin": ""}`: http.StatusBadRequest,
		`{`:                            http.StatusBadRequest,
	} {
		status, _, got := call(t, "POST", url+"/customers", "", body)
		assert.Equal(t, want, status, body)
		if status == http.StatusCreated {
			status, tag, again := call(t, "GET", url+"/customers/"+got["id"].(string), "", "")
			assert.Equal(t, http.StatusOK, status)
			assert.Equal(t, `"1"`, tag)
			assert.Equal(t, got, again)
		}
	}
	status, _, _ := call(t, "GET", url+"/customers/nobody", "", "")
	assert.Equal(t, http.StatusNotFound, status)
}

func TestPatchCustomer(t *testing.T) {
	t.Parallel()
	s, ada, url := newService(t)
	require.NoError(t, s.customers.Create(t.Context(), &Customer{Name: "Bob", Email: "bob@example.com"}))
	for _, test := range []struct {
		id, ifMatch, body string
		status            int
		tag               string
		requests          int
	}{
		{ada.ID, "", `{"name": "A"}`, http.StatusPreconditionRequired, "", 0},
		{ada.ID, `W/"1"`, `{"name": "A"}`, http.StatusPreconditionRequired, "", 0},
		{ada.ID, `"1"`, `{"surname": "A"}`, http.StatusBadRequest, "", 0},
		{"nobody", `"1"`, `{"name": "A"}`, http.StatusNotFound, "", 1},
		{ada.ID, `"1"`, `{"name": "A"}`, http.StatusOK, `"2"`, 1},
		{ada.ID, `"1"`, `{"name": "B"}`, http.StatusPreconditionFailed, "", 1},
		{ada.ID, `"2"`, `{"email": "bob@example.com"}`, http.StatusConflict, "", 3}, // the last finds out who has it
		{ada.ID, `"2"`, `{"email": "a@example.com"}`, http.StatusOK, `"3"`, 3},
	} {
		end := repotest.Budget(t, s.db, repotest.Requests(test.requests), repotest.NoScan())
		status, tag, _ := call(t, "PATCH", url+"/customers/"+test.id, test.ifMatch, test.body)
		end()
		assert.Equal(t, test.status, status, "%+v", test)
		assert.Equal(t, test.tag, tag, "%+v", test)
	}
	_, _, got := call(t, "GET", url+"/customers/"+ada.ID, "", "")
	assert.Equal(t, map[string]any{"id": ada.ID, "name": "A", "email": "a@example.com"}, got)
}

// TestPatchAtOnce: of clients that have seen the same version, one wins.
func TestPatchAtOnce(t *testing.T) {
	t.Parallel()
	_, ada, url := newService(t)
	var mu sync.Mutex
	got := map[int]int{}
	var clients sync.WaitGroup
	for i := range 5 {
		clients.Go(func() {
			resp, _, err := send(t.Context(), "PATCH", url+"/customers/"+ada.ID, `"1"`, fmt.Sprintf(`{"name": "A%d"}`, i))
			if !assert.NoError(t, err) {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			got[resp.StatusCode]++
		})
	}
	clients.Wait()
	assert.Equal(t, map[int]int{http.StatusOK: 1, http.StatusPreconditionFailed: 4}, got)
}

// TestPlaceOrder: one read and one transaction, whatever the number of lines.
func TestPlaceOrder(t *testing.T) {
	t.Parallel()
	s, ada, url := newService(t)
	order := fmt.Sprintf(`{"customer": %q, "lines": [{"sku": "assam", "quantity": 2}, {"sku": "teapot", "quantity": 1}]}`, ada.ID)

	end := repotest.Budget(t, s.db, repotest.Requests(2), repotest.NoScan())
	status, _, got := call(t, "POST", url+"/orders", "", order)
	end()

	assert.Equal(t, http.StatusCreated, status)
	assert.InDelta(t, 3750, got["cents"], 0)
	assert.Equal(t, map[string]int{"assam": 10, "teapot": 0}, s.inStock(t, "assam", "teapot"))

	for body, want := range map[string]int{
		order: http.StatusConflict, // no teapot is left
		strings.Replace(order, ada.ID, "nobody", 1):                 http.StatusConflict,
		strings.Replace(order, "teapot", "cup", 1):                  http.StatusConflict,
		strings.Replace(order, "teapot", "assam", 1):                http.StatusBadRequest, // two lines of one product
		strings.Replace(order, `"quantity": 2`, `"quantity": 0`, 1): http.StatusBadRequest,
		`{"lines": []}`: http.StatusBadRequest,
	} {
		status, _, _ := call(t, "POST", url+"/orders", "", body)
		assert.Equal(t, want, status, body)
	}
	assert.Equal(t, map[string]int{"assam": 10, "teapot": 0}, s.inStock(t, "assam", "teapot"), "a refused order takes nothing")
}

// TestOrdersInTrouble: an order is placed once or not at all.
func TestOrdersInTrouble(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults []string
		status int
		left   int
	}{
		"a lost answer":     {[]string{"lost answer"}, http.StatusCreated, 10},
		"throttled once":    {[]string{"throttle"}, http.StatusCreated, 10},
		"throttled":         {[]string{"throttle", "throttle", "throttle"}, http.StatusServiceUnavailable, 12},
		"another order met": {[]string{"conflict"}, http.StatusServiceUnavailable, 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ada, url := newService(t)
			repotest.Inject(t, s.db, "TransactWriteItems", test.faults...)
			body := fmt.Sprintf(`{"customer": %q, "lines": [{"sku": "assam", "quantity": 2}]}`, ada.ID)
			status, _, _ := call(t, "POST", url+"/orders", "", body)
			assert.Equal(t, test.status, status)
			assert.Equal(t, map[string]int{"assam": test.left}, s.inStock(t, "assam"))
		})
	}
}

// inStock is how many there are of products.
func (s *shop) inStock(t *testing.T, skus ...string) map[string]int {
	t.Helper()
	all := map[string]int{}
	for p, err := range s.products.Scan().All(t.Context()) {
		require.NoError(t, err)
		all[p.SKU] = p.Stock
	}
	some := map[string]int{}
	for _, sku := range skus {
		some[sku] = all[sku]
	}
	return some
}
