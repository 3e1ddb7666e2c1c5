"""What triage reads of crm.lead: rows to leads, with what marketing and sales did about them."""
