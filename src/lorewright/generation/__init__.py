"""Examples from documents: questions and answers made from structure alone, each answer a stretch of its document."""
