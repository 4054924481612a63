package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// session makes requests as a client would and prints them with their answers.
func session(ctx context.Context, out io.Writer, at string) error {
	c := &client{ctx: ctx, out: out, url: at}
	defer c.http.CloseIdleConnections()

	c.title("The teas up to 9.00, two at a time")
	list := "/products?category=tea&max=900&limit=2"
	for next := ""; ; {
		got := c.do("GET", list+next, "", "")
		token, _ := got["next"].(string)
		if next = "&page=" + url.QueryEscape(token); token == "" || c.err != nil {
			break
		}
	}
	c.do("GET", "/products?category=tea&page=forged", "", "")

	c.title("Two customers want one e-mail address")
	ada := c.do("POST", "/customers", "", `{"name": "Ada", "email": "ada@example.com"}`)
	c.do("POST", "/customers", "", `{"name": "Adele", "email": "ada@example.com"}`)

	c.title("Two clients change what they have seen")
	path := fmt.Sprint("/customers/", ada["id"])
	c.do("GET", path, "", "")
	c.do("PATCH", path, `"1"`, `{"name": "Ada Lovelace"}`)
	c.do("PATCH", path, `"1"`, `{"email": "lovelace@example.com"}`)
	c.do("PATCH", path, `"2"`, `{"email": "lovelace@example.com"}`)
	c.do("PATCH", path, "", `{"name": "Ada"}`)

	c.title("Orders are placed as a whole")
	order := func(lines string) {
		c.do("POST", "/orders", "", fmt.Sprintf(`{"customer": %q, "lines": [%s]}`, ada["id"], lines))
	}
	order(`{"sku": "assam", "quantity": 2}, {"sku": "teapot", "quantity": 1}`)
	order(`{"sku": "assam", "quantity": 1}, {"sku": "teapot", "quantity": 1}`)
	c.do("GET", "/products?category=tea&limit=1", "", "")
	return c.err
}

// client keeps the first error, after which it does nothing.
type client struct {
	ctx  context.Context
	out  io.Writer
	url  string
	http http.Client
	err  error
}

func (c *client) title(text string) { fmt.Fprintf(c.out, "\n%s\n\n", text) }

// do sends a request, prints it and its answer, and returns the answer's body.
func (c *client) do(method, path, ifMatch, body string) map[string]any {
	if c.err != nil {
		return nil
	}
	req, err := http.NewRequestWithContext(c.ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.err = err
		return nil
	}
	fmt.Fprintf(c.out, "%s %s\n", method, path)
	if ifMatch != "" {
		req.Header.Set("If-Match", ifMatch)
		fmt.Fprintf(c.out, "If-Match: %s\n", ifMatch)
	}
	if body != "" {
		fmt.Fprintln(c.out, body)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.err = err
		return nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		c.err = err
		return nil
	}
	var got map[string]any
	c.err = json.Unmarshal(text, &got)
	fmt.Fprintf(c.out, "  %s\n", resp.Status)
	if tag := resp.Header.Get("ETag"); tag != "" {
		fmt.Fprintf(c.out, "  ETag: %s\n", tag)
	}
	fmt.Fprintf(c.out, "  %s\n", text)
	return got
}
