// Command shop is an HTTP service: a list with page tokens and a filter, changes
// guarded by ETag and If-Match, unique e-mail addresses, and orders that are placed
// in a transaction. It starts the service, has a client make a few requests, and
// prints them with their answers; with -listen it serves until it is interrupted.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/dynarepo/dynarepo/examples/internal/program"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// listen is an address such as "127.0.0.1:8080".
var listen = flag.String("listen", "", "serve on this address instead")

func main() {
	flag.Parse()
	program.Main("shop", config, run)
}

// config is what the service sets; a real one takes its keys from where it keeps
// secrets.
var config = repo.Config{
	Namespace:  "demo",
	OnDemand:   true,
	ScanPolicy: repo.ScanRefuse,
	CursorKeys: [][]byte{[]byte("the key of the demo, known to all")},
}

//go:embed testdata/products.json
var products []byte

// run makes the tables, fills the shelves, and serves.
func run(ctx context.Context, out io.Writer, db *repo.DB) error {
	s, err := newShop(db)
	if err != nil {
		return err
	}
	for _, m := range s.models() {
		if _, err := table.Create(ctx, m, nil); err != nil {
			return err
		}
	}
	var stocked []Product
	if err := json.Unmarshal(products, &stocked); err != nil {
		return err
	}
	var puts []repo.Op
	for _, p := range stocked {
		puts = append(puts, s.products.Ops().Put(&p))
	}
	if err := db.Batch(ctx, puts...); err != nil {
		return err
	}
	return s.serve(ctx, out)
}

// serve serves to the session, or to all who ask if there is an address.
func (s *shop) serve(ctx context.Context, out io.Writer) (err error) {
	address := *listen
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s.serveMux(), ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, server.Shutdown(ctx))
		if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
	}()
	url := "http://" + l.Addr().String()
	if *listen == "" {
		return session(ctx, out, url)
	}
	fmt.Fprintln(out, "serving on", url)
	<-ctx.Done()
	return nil
}
