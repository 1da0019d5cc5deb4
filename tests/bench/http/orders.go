// orders PORT: what orders.cpp answers, by net/http and encoding/json.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
)

type item struct {
	SKU   string  `json:"sku"`
	Name  string  `json:"name"`
	Count int     `json:"count"`
	Price float64 `json:"price"`
}

type order struct {
	ID       int    `json:"id"`
	Customer string `json:"customer"`
	Paid     bool   `json:"paid"`
	Items    []item `json:"items,omitempty"`
}

func makeOrder(id int) order {
	return order{ID: id, Customer: fmt.Sprintf("Harbour %d", id), Paid: id%2 == 0}
}

func makeList(id int) order {
	list := makeOrder(id)
	for i := 0; i < 10; i++ {
		list.Items = append(list.Items, item{
			SKU:   fmt.Sprintf("A-%d", id*10+i),
			Name:  fmt.Sprintf("item %d", i),
			Count: i%3 + 1,
			Price: float64(i*7) + 0.25,
		})
	}
	return list
}

func answerWith(prefix string, make func(int) order) {
	http.HandleFunc(prefix, func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, prefix))
		if err != nil {
			http.Error(w, "no number", http.StatusBadRequest)
			return
		}
		body, _ := json.Marshal(make(id))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	})
}

func main() {
	answerWith("/orders/", makeOrder)
	answerWith("/lists/", makeList)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
