package main

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
)

// etag is the version of a customer as an entity tag.
func etag(version int64) string { return fmt.Sprintf(`"%d"`, version) }

func (s *shop) createCustomer(req *http.Request) (answer, error) {
	var in struct{ Email, Name string }
	if err := read(req, &in); err != nil {
		return answer{}, err
	}
	if !strings.Contains(in.Email, "@") {
		return answer{}, badRequest("want an e-mail address")
	}
	c := Customer{Email: in.Email, Name: in.Name}
	if err := s.customers.Create(req.Context(), &c); err != nil {
		return answer{}, err // repo.ErrUnique
	}
	return answer{http.StatusCreated, etag(c.Version), c}, nil
}

func (s *shop) customer(req *http.Request) (answer, error) {
	c, err := s.customers.Get(req.Context(), key.Of(req.PathValue("id")))
	return answer{http.StatusOK, etag(c.Version), c}, err
}

// patchCustomer changes what the body names, if the customer is as the client has
// seen it: one UpdateItem, or where the e-mail address changes, which is unique, a
// transaction between two reads.
func (s *shop) patchCustomer(req *http.Request) (answer, error) {
	var seen int64
	if _, err := fmt.Sscanf(req.Header.Get("If-Match"), `"%d"`, &seen); err != nil {
		return answer{}, fault{http.StatusPreconditionRequired, "want the ETag of the customer in If-Match"}
	}
	var in struct{ Email, Name *string }
	if err := read(req, &in); err != nil {
		return answer{}, err
	}
	var changes []cond.Change[Customer]
	if in.Email != nil {
		changes = append(changes, email.Set(*in.Email))
	}
	if in.Name != nil {
		changes = append(changes, name.Set(*in.Name))
	}
	c, err := s.customers.If(version.Eq(seen)).Update(req.Context(), key.Of(req.PathValue("id")), changes...)
	return answer{http.StatusOK, etag(c.Version), c}, err // repo.ErrConditionFailed
}
