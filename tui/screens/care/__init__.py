"""Applications, invitations, customers, the service and the devices behind them."""
