// Package policy is the room for the organisation's policies: the templates that
// ship with the product, and the register of policies with their editions.
//
// An edition is drafted, sent for review, approved by somebody who wrote nothing of
// it, and published from a day. A later edition never takes the place of an earlier
// one before its own day, so which words bound on any day can always be read (G1,
// CC5.3).
package policy
