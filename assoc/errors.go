package assoc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/repo"
)

// An Error tells what is wrong with a relation, or with what is asked of one,
// before any request. It is repo.ErrInvalid, and holds no values.
type Error struct {
	Relation string // such as "shop.Customer has many shop.Order"
	Model    string // the Go type and its table; "" if it is about no one end
	Attr     string // "" if it is about none
	Rule     string
	err      error // beneath, or nil
}

// Error names the relation, the model, the attribute and the rule.
func (e *Error) Error() string {
	parts := []string{"assoc: " + e.Relation}
	if e.Model != "" {
		parts = append(parts, e.Model)
	}
	if e.Attr != "" {
		parts = append(parts, "attribute "+e.Attr)
	}
	parts = append(parts, e.Rule)
	if e.err != nil {
		parts = append(parts, e.err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns repo.ErrInvalid and the error beneath.
func (e *Error) Unwrap() []error {
	if e.err == nil {
		return []error{repo.ErrInvalid}
	}
	return []error{repo.ErrInvalid, e.err}
}

// tooMany refuses a change of more operations than DynamoDB does in one
// transaction. Nothing was sent.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func tooMany(operations int) error {
	return fmt.Errorf("assoc: %w: the change takes %d operations or more, and a transaction has at most %d: make it in parts",
		repo.ErrInvalid, operations, send.MaxOps)
}

var (
	errNilItem = errors.New("want an item, not nil")
	errOne     = errors.New("there can be one only")
	errNoQuery = errors.New("its ids are kept by the owner: no query finds them")
)
