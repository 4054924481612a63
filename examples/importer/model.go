package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// A Product is a record of the file: sku, name, cents.
type Product struct {
	SKU   string `dynamodbav:"sku"`
	Name  string `dynamodbav:"name"`
	Cents int    `dynamodbav:"cents"`
}

// parse returns the product of a record, or why there is none.
func parse(record []string) (p Product, err error) {
	if len(record) != 3 {
		return p, fmt.Errorf("%d columns, not 3", len(record))
	}
	if p.Cents, err = strconv.Atoi(record[2]); err != nil || p.Cents < 0 {
		return p, errors.New("the third column is no price")
	}
	p.SKU, p.Name = record[0], record[1]
	return p, nil
}

// A Place is how much of a file was imported.
type Place struct {
	File    string `dynamodbav:"file"`
	Records int    `dynamodbav:"records"`
	Refused int    `dynamodbav:"refused"`
}

// A store is what files are imported into.
type store struct {
	db       *repo.DB
	products *repo.Repo[Product]
	places   *repo.Repo[Place]
}

func newStore(db *repo.DB) (*store, error) {
	s, errs := &store{db: db}, make([]error, 2)
	s.products, errs[0] = repo.New[Product](db, repo.Spec{Table: "products", Key: key.Spec{Hash: key.String("sku")}})
	s.places, errs[1] = repo.New[Place](db, repo.Spec{Table: "imports", Key: key.Spec{Hash: key.String("file")}})
	return s, errors.Join(errs...)
}

func (s *store) models() []table.Model { return []table.Model{s.products, s.places} }

// sample is a file of so many records, of which each 150th has no price and each
// 400th no key.
func sample(records int) string {
	var b strings.Builder
	for n := 1; n <= records; n++ {
		sku, cents := fmt.Sprintf("P%05d", n), strconv.Itoa(100+n%900)
		if n%150 == 0 {
			cents = "soon"
		}
		if n%400 == 0 {
			sku = ""
		}
		fmt.Fprintf(&b, "%s,\"Product, no. %d\",%s\n", sku, n, cents)
	}
	return b.String()
}
