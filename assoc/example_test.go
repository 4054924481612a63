package assoc_test

import (
	"context"
	"fmt"
	"log"

	"github.com/dynarepo/dynarepo/assoc"
	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/internal/engine"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/lock"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

type Author struct {
	ID      string   `dynamodbav:"id"`
	BookIDs []string `dynamodbav:"book_ids,stringset,omitempty"`
	Version int64    `dynamodbav:"version"`
}

type Book struct {
	ID       string `dynamodbav:"id"`
	Pages    int    `dynamodbav:"pages"`
	AuthorID string `dynamodbav:"author_id,omitempty"`
}

var (
	bookIDs  = cond.Field(func(a *Author) *[]string { return &a.BookIDs })
	authorID = cond.Field(func(b *Book) *string { return &b.AuthorID })
)

// An author has many books, and each end keeps the ids of the other.
func Example() {
	ctx := context.Background()
	e, err := engine.Start(ctx)
	check(err)
	defer func() { check(e.Close()) }()
	db, err := repo.Open(ctx, &repo.Config{Namespace: "library", Endpoint: e.Endpoint()})
	check(err)
	authors, err := repo.New[Author](db, repo.Spec{Table: "authors", Key: key.Spec{Hash: key.String("id")}, Lock: lock.Version("version")})
	check(err)
	books, err := repo.New[Book](db, repo.Spec{Table: "books", Key: key.Spec{Hash: key.String("id")}})
	check(err)
	for _, m := range []table.Model{authors, books} {
		_, err = table.Create(ctx, m, nil)
		check(err)
	}

	booksOf, err := assoc.HasMany(assoc.Keep(authors, bookIDs), assoc.Keep(books, authorID))
	check(err)
	authorOf, err := booksOf.Inverse()
	check(err)

	mary := Author{ID: "mary"}
	check(authors.Create(ctx, &mary))
	check(booksOf.Create(ctx, &mary, &Book{ID: "frankenstein", Pages: 280}))
	check(booksOf.Create(ctx, &mary, &Book{ID: "mathilda", Pages: 120}))
	fmt.Println(mary.BookIDs, "version", mary.Version)

	for book, err := range booksOf.Of(&mary).Where(func(b *Book) bool { return b.Pages > 200 }).All(ctx) {
		check(err)
		author, err := authorOf.Of(&book).First(ctx)
		check(err)
		fmt.Println(book.ID, "is by", author.ID)
	}

	check(assoc.Destroy(ctx, authors, &mary, booksOf))
	book, err := books.Get(ctx, key.Of("mathilda"))
	check(err)
	fmt.Printf("mathilda is by %q\n", book.AuthorID)
	// Output:
	// [frankenstein mathilda] version 3
	// frankenstein is by mary
	// mathilda is by ""
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
