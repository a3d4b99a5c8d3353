/** FAQs, articles and open questions as the API shows them. */
import type { Tone } from "@guanxi/ui";

export type PieceState = "draft" | "published" | "archived";

interface Piece {
  id: number;
  language: string;
  category: string;
  tags: string[];
  state: PieceState;
  published_at: string | null;
  valid_from: string | null;
  valid_until: string | null;
  last_used_at: string | null;
  version: number;
  use_count: number;
  helpful_count: number;
  unhelpful_count: number;
  created_at: string;
  updated_at: string;
}

export interface Faq extends Piece {
  question: string;
  similar: string[];
  answer: string;
}

export interface Article extends Piece {
  title: string;
  body: string;
}

export interface Gap {
  id: number;
  question: string;
  asked_count: number;
  last_asked_at: string;
  conversation_id: number | null;
  nearest_faq: { id: number; question: string } | null;
  confidence: number;
  state: string;
}

export const PIECE_TONES: Record<PieceState, Tone> = { draft: "warn", published: "ok", archived: "quiet" };
