package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/repo"
)

// serveMux returns the service.
func (s *shop) serveMux() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, handle := range map[string]func(*http.Request) (answer, error){
		"POST /customers":       s.createCustomer,
		"GET /customers/{id}":   s.customer,
		"PATCH /customers/{id}": s.patchCustomer,
		"GET /products":         s.listProducts,
		"POST /orders":          s.placeOrder,
	} {
		mux.Handle(pattern, handler(handle))
	}
	return mux
}

// An answer is what a handler has to say.
type answer struct {
	status int
	etag   string // "" for none
	body   any
}

// handler writes the answer of a handler, or its error, as JSON.
func handler(handle func(*http.Request) (answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		a, err := handle(req)
		if err != nil {
			a.status, a.etag = statusOf(err), ""
			a.body = map[string]string{"error": http.StatusText(a.status)}
			if told, ok := errors.AsType[fault](err); ok {
				a.body = map[string]string{"error": told.text}
			}
			if a.status == http.StatusInternalServerError {
				slog.Error("shop", slog.String("path", req.URL.Path), slog.Any("error", err)) // which holds no item data
			}
		}
		w.Header().Set("Content-Type", "application/json")
		if a.etag != "" {
			w.Header().Set("ETag", a.etag)
		}
		w.WriteHeader(a.status)
		if err := json.NewEncoder(w).Encode(a.body); err != nil {
			slog.Error("shop", slog.Any("error", err))
		}
	}
}

// statusOf is the status of an error: of the service's own, or of the library's.
func statusOf(err error) int {
	told, isFault := errors.AsType[fault](err)
	switch {
	case isFault:
		return told.status
	case errors.Is(err, repo.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, repo.ErrUnique):
		return http.StatusConflict
	case errors.Is(err, repo.ErrConditionFailed):
		return http.StatusPreconditionFailed
	case errors.Is(err, dyniter.ErrCursor), errors.Is(err, repo.ErrInvalid):
		return http.StatusBadRequest
	case errors.Is(err, repo.ErrConflict), isThrottled(err):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func isThrottled(err error) bool {
	_, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err)
	return ok
}

// A fault is an error that the client is told.
type fault struct {
	status int
	text   string
}

func (f fault) Error() string { return f.text }

func badRequest(format string, args ...any) error {
	return fault{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// read decodes the body of a request.
func read(req *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, req.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badRequest("the body: %v", err)
	}
	return nil
}
