package import Access

extension Route {
    /// What each method asks of its caller, by its index in the routing table.
    package static let needs: [MethodNeed] = allCases.map(\.need)

    /// No `default`: a new method is a compile error here and not open to everybody.
    package var need: MethodNeed {
        switch self {
        // Probes of load balancers carry no token, and learn no more than that the server is there.
        case .healthCheck, .healthList, .healthWatch: .open
        // What they tell is in the published contract anyway.
        case .serverReflectionServerReflectionInfo, .alphaServerReflectionServerReflectionInfo: .open
        case .newsServiceGetArticle, .newsServiceBatchGetArticles, .newsServiceListArticles,
            .newsServiceWatchArticles, .newsServiceListArticleChanges, .engagementServiceGetArticleStats:
            .scope(.articlesRead)
        case .newsServiceCreateArticle, .newsServiceUpdateArticle, .newsServiceDeleteArticle,
            .newsServiceUndeleteArticle, .newsServiceImportArticles:
            .scope(.articlesWrite)
        // Who shows articles to readers and counts what they do has no need to change articles.
        case .engagementServiceRecordViews, .engagementServiceAddReaction, .engagementServiceRemoveReaction:
            .scope(.engagementWrite)
        case .adminServiceGetStoreStats, .adminServiceStartBackup, .adminServiceStartCompaction,
            .adminServiceStartResharding, .adminServiceStartRetention, .adminServiceGetOperation,
            .adminServiceListOperations, .adminServiceWatchOperation, .adminServiceCancelOperation:
            .scope(.admin)
        }
    }
}
